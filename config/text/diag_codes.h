// Every diagnostic code in one place. A number is never reused for another meaning.
#pragma once

#include <span>
#include <string_view>

namespace schoolgate::diag {

enum Code : int {
  // 10xx: a file and its YAML
  file_unreadable = 1001,
  file_too_large = 1002,
  not_utf8 = 1003,
  control_character = 1004,
  yaml_syntax = 1005,
  yaml_too_deep = 1006,
  yaml_too_long = 1007,
  yaml_anchor = 1008,
  yaml_tag = 1009,
  duplicate_key = 1010,
  second_document = 1011,
  empty_file = 1012,
  key_not_text = 1013,
  policy_file_gone = 1014,
  not_loaded = 1015,
  waits_for_start = 1016,
  key_without_colon = 1017,
  // 11xx: keys and values
  unknown_key = 1101,
  missing_key = 1102,
  wrong_kind = 1103,
  unknown_word = 1104,
  bad_number = 1105,
  bad_boolean = 1106,
  bad_duration = 1107,
  bad_address = 1108,
  bad_network = 1109,
  bad_version = 1110,
  bad_time_zone = 1111,
  duplicate_name = 1112,
  bad_text = 1113,
  no_listener = 1114,
  bad_path = 1115,
  parent_guards = 1116,
  bad_date = 1117,
  one_address = 1118,
  network_not_let_in = 1119,
  open_to_all = 1120,
  admin_clients = 1131,
  admin_tls = 1132,
  // 12xx: categories and tiers
  unknown_tier = 1203,
  unknown_category = 1204,
  bad_effect = 1205,
  category_not_named = 1206,
  lock_loosened = 1207,
  extends_circle = 1208,
  bad_schedule = 1209,
  no_tiers = 1210,
  too_many = 1211,
  override_of_locked = 1212,
  open_without_use = 1213,
  staff_as_unknown = 1214,
  inspect_without_reason = 1215,
  allow_unheard = 1216,
  opens_nothing = 1217,
  unknown_room = 1218,
  tool_due = 1219,
  inspect_only_useless = 1220,
  bad_period = 1230,
  no_periods = 1231,
  never_holds = 1232,
  holiday_unconfirmed = 1233,
  holidays_run_out = 1234,
  page_text_place = 1240,
  page_text_long = 1241,
  page_text_markup = 1242,
  // 13xx: lines and tests
  bad_line = 1301,
  bad_pattern = 1302,
  pattern_test_failed = 1303,
  policy_test_failed = 1304,
  line_too_wide = 1307,
  path_never_asked = 1308,
  bad_floor_line = 1309,
  bad_term = 1310,
  term_test_failed = 1311,
  pattern_never_matches = 1312,
  no_such_site = 1313,
  www_alone = 1314,
  bad_bundle = 1321,
  unknown_bundle = 1322,
  bundle_known = 1323,
  // 14xx: lists
  list_unreadable = 1401,
  list_bad_lines = 1404,
  folder_not_mapped = 1405,
  folder_without_lists = 1406,
  list_shrunk = 1407,
  last_good_lists_used = 1408,
  compile_failed = 1409,
  cache_damaged = 1410,
  cache_not_written = 1411,
  list_suffix = 1412,
  list_hoster = 1413,
  list_include = 1414,
  list_other_format = 1415,
  list_only_exceptions = 1416,
  list_not_fetched = 1417,
  bad_list_address = 1418,
  list_reach_locked = 1419,
  lookalikes_act_not = 1430,
  lookalikes_waiting = 1431,
  // 15xx: https
  ca_missing = 1501,
  exception_expired = 1502,
  ca_unusable = 1503,
  crl_folder_missing = 1504,
  trust_unsaid = 1505,
  trusted_nowhere = 1506,
  inspect_only_closed = 1507,
  inspect_only_wide = 1508,
  // 152x: the sealed floor
  floor_gone = 1520,
  floor_plain = 1521,
  floor_unsigned = 1522,
  floor_keys_unusable = 1523,
  floor_bad_signature = 1524,
  floor_foreign = 1525,
  bad_sealed_file = 1526,
  floor_older = 1527,
  floor_plain_idle = 1528,
  floor_out_of_sight = 1529,
  // 155x: alerts
  secret_open = 1551,
  // 16xx: the gateway's firewall
  hole_due = 1601,
  // 17xx: what commands changed, and what must stay as it is
  overlay_unusable = 1701,
  overlay_over_changed = 1702,
  overlay_laid = 1703,
  restore_cut = 1710,
  must_work_closed = 1711,
  // 21xx: a list file (rules/lists/list_parser.h)
  list_bad_line = 2101,
  list_bad_utf8_line = 2102,
  list_binary = 2110,
  list_not_text = 2111,
  list_empty = 2112,
  list_too_big = 2113,
  list_utf16 = 2114,
  // 30xx: parts of the policy against each other (rules/judge/policy_conflicts.cc)
  conflict_line_defeated = 3001,
  conflict_line_twice = 3002,
  conflict_timetable_on_lock = 3003,
  conflict_timetable_overlap = 3004,
  conflict_line_left_open = 3005,
};

struct Explanation {
  int code;
  std::string_view title;  // a few words, English
  std::string_view en;     // one or two sentences: what it means and what to do
  std::string_view vi;
};

[[nodiscard]] std::span<const Explanation> all() noexcept;              // ascending by code
[[nodiscard]] const Explanation* find(int code) noexcept;               // null: no such code
[[nodiscard]] const Explanation* find(std::string_view text) noexcept;  // "SG1204", "sg1204", "1204"

}  // namespace schoolgate::diag
