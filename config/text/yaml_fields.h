// Typed values out of a YAML tree, each refusal with its place: the only way the readers look at nodes.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/text/diag_codes.h"
#include "config/text/shape.h"
#include "config/text/yaml_reader.h"
#include "rules/diagnostic.h"

namespace schoolgate {

// Writes diagnostics for one file.
class Reporter {
 public:
  Reporter(std::string file, Diagnostics& out) : file_(std::move(file)), out_(&out) {}

  void error(int code, const YamlNode& at, Message message, Message hint = {}) const;
  void warning(int code, const YamlNode& at, Message message, Message hint = {}) const;
  // Of `length` bytes of a text, from `offset` on; of all of it where it is not spelled byte for byte.
  void error_in(int code, const YamlNode& at, std::size_t offset, std::size_t length, Message message,
                Message hint = {}) const;
  void add(Severity severity, int code, SourcePos pos, std::uint32_t length, Message message,
           Message hint = {}) const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] Diagnostics& out() const noexcept { return *out_; }

 private:
  std::string file_;
  Diagnostics* out_;
};

// The keys of one map, as its shape states them; another is our bug (std::logic_error). finish() complains of
// every key that the shape has not. One that is needed and stands there mistyped is one mistake: then
// finish() tells of the mistyped key alone.
class Fields {
 public:
  // `what` names the map in messages: "this file", "school". A node that is no map is an error, and has no
  // keys.
  // `example`: what to write where `node` holds no keys and values.
  Fields(const YamlNode& node, const Reporter& report, const Shape& shape, Message what,
         Message example = {});
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  ~Fields();

  // Null if absent or empty ("key:"), which is an error of a key that the shape needs, or if the key belongs
  // only beside what does not stand here.
  [[nodiscard]] const YamlNode* get(std::string_view name);
  [[nodiscard]] const YamlNode* require(std::string_view name);  // as get(), and needed here
  // Whether a key stands there with a value, or one that looks like it mistyped.
  [[nodiscard]] bool seems_to_have(std::string_view key) const;
  [[nodiscard]] bool valid() const noexcept { return valid_; }
  [[nodiscard]] const YamlNode& node() const noexcept { return *node_; }
  [[nodiscard]] const Reporter& report() const noexcept { return *report_; }
  void finish();
  // The same; of a key that is not known here `elsewhere` says where it belongs, or nothing.
  void finish(Message (*elsewhere)(std::string_view key));
  // The same, where it cannot be told which keys belong here: then any of the shape does.
  void finish_leniently();

  // Each reads one key into `out`, which keeps its value when the key is absent or wrong.
  void text(std::string_view key, std::string& out);
  void boolean(std::string_view key, bool& out);
  void number(std::string_view key, std::uint32_t& out);
  void seconds(std::string_view key, std::chrono::seconds& out);
  // The index of the word that stands there, of those that the shape knows.
  [[nodiscard]] std::optional<std::size_t> word(std::string_view key);
  [[nodiscard]] std::span<const std::string_view> words(std::string_view key) const {
    return declared(key).value.words;
  }

 private:
  const YamlNode* node_;
  const Reporter* report_;
  const Shape* shape_;
  Message what_;
  bool valid_;
  [[nodiscard]] const Key& declared(std::string_view key) const;
  [[nodiscard]] bool belongs(const Key& key) const;  // by its `when`
  [[nodiscard]] std::vector<std::string> known(bool leniently) const;
  [[nodiscard]] const YamlNode* mistyped(std::string_view key) const;
  void tell_missing(const std::string& key) const;
  void tell_unknown(bool leniently, Message (*elsewhere)(std::string_view key) = nullptr);
  std::vector<std::string> missing_;   // told, or to be told, once
  std::vector<std::string> mistyped_;  // needed, and something that looks like it stands there
};

// Values. Nullopt = a diagnostic was written.
[[nodiscard]] std::optional<std::string> read_text(const YamlNode& node,
                                                   const Reporter& report);                    // never empty
[[nodiscard]] std::optional<bool> read_boolean(const YamlNode& node, const Reporter& report);  // true, false
[[nodiscard]] std::optional<std::uint32_t> read_number(const YamlNode& node, const Reporter& report,
                                                       std::uint32_t low, std::uint32_t high);
// "15s", "5m", "2h", or a bare number of seconds, within low .. high seconds.
[[nodiscard]] std::optional<std::chrono::seconds> read_seconds(const YamlNode& node, const Reporter& report,
                                                               std::int64_t low, std::int64_t high);
// One of `words`; its index.
[[nodiscard]] std::optional<std::size_t> read_word(const YamlNode& node, const Reporter& report,
                                                   std::span<const std::string_view> words);
[[nodiscard]] inline std::optional<std::size_t> read_word(const YamlNode& node, const Reporter& report,
                                                          std::initializer_list<std::string_view> words) {
  return read_word(node, report, std::span(words.begin(), words.size()));
}
// The items of a list; a lone text counts as a list of one. Anything else: an error and no items.
[[nodiscard]] std::vector<const YamlNode*> read_items(const YamlNode& node, const Reporter& report);
// `version: 1`, the format of every file we read.
void read_version(Fields& fields);

}  // namespace schoolgate
