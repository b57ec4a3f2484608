// The parts of the one table behind vietnamese.h.
#pragma once

#include <span>
#include <string_view>

namespace schoolgate {

struct Translation {
  std::string_view english, vietnamese;
};

[[nodiscard]] std::span<const Translation>
vietnamese_of_files() noexcept;  // files, YAML, keys, values, https
[[nodiscard]] std::span<const Translation>
vietnamese_of_policy() noexcept;                                            // tiers, categories, lines, words
[[nodiscard]] std::span<const Translation> vietnamese_of_clock() noexcept;  // periods.yaml, bundles, rows
[[nodiscard]] std::span<const Translation> vietnamese_of_lists() noexcept;  // list files, and fetching them
[[nodiscard]] std::span<const Translation> vietnamese_of_commands() noexcept;  // what commands print
[[nodiscard]] std::span<const Translation>
vietnamese_of_reports() noexcept;  // reports, and the choice of rows

[[nodiscard]] std::span<const Translation>
vietnamese_of_fetching() noexcept;  // archives, downloads that go on, what an update closes

[[nodiscard]] std::span<const Translation>
vietnamese_of_overrides() noexcept;  // what is open or blocked for a lesson
[[nodiscard]] std::span<const Translation> vietnamese_of_lookalikes() noexcept;  // names like those of lists
[[nodiscard]] std::span<const Translation> vietnamese_of_rooms() noexcept;       // rooms, exams, AI tools
[[nodiscard]] std::span<const Translation>
vietnamese_of_setup() noexcept;  // what setup asks, and what a gateway needs besides
[[nodiscard]] std::span<const Translation>
vietnamese_of_pages() noexcept;  // the staff's pages, their accounts, and where they are served

[[nodiscard]] std::span<const Translation>
vietnamese_of_inspection() noexcept;  // what is opened of https, hosting platforms, new names

[[nodiscard]] std::span<const Translation>
vietnamese_of_history() noexcept;  // accepted policies, what commands changed, plan

[[nodiscard]] std::span<const Translation> vietnamese_of_devices() noexcept;  // tests of devices
[[nodiscard]] std::span<const Translation> vietnamese_of_cases() noexcept;    // alerts, cases and their mails

[[nodiscard]] std::span<const Translation>
vietnamese_of_backup() noexcept;  // backup and restore, files of other versions
[[nodiscard]] std::span<const Translation>
vietnamese_of_editors() noexcept;  // what a tier shows, and what the proxy cannot do at a start
[[nodiscard]] std::span<const Translation> vietnamese_of_floor() noexcept;    // the sealed floor
[[nodiscard]] std::span<const Translation> vietnamese_of_gateway() noexcept;  // upgrades, QR codes
[[nodiscard]] std::span<const Translation> vietnamese_of_wishes() noexcept;   // reports of wrong blocks
[[nodiscard]] std::span<const Translation>
vietnamese_of_staff() noexcept;  // a tier's file, rooms and cases on the staff's pages
[[nodiscard]] std::span<const Translation>
vietnamese_of_record() noexcept;  // exports, the school's own page texts, shared seats
[[nodiscard]] std::span<const Translation>
vietnamese_of_times() noexcept;  // sites at times, a clock in doubt
[[nodiscard]] std::span<const Translation>
vietnamese_of_events() noexcept;                                            // events of the log, on the pages
[[nodiscard]] std::span<const Translation> vietnamese_of_seals() noexcept;  // the log's seals
[[nodiscard]] std::span<const Translation>
vietnamese_of_desk() noexcept;  // the staff's pages: who is told what, a lesson's rows, what waits

}  // namespace schoolgate
