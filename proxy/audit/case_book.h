// The cases that alerts have opened, for those who look after them: lists, steps, and what is to be told.
// Over all months that a folder holds; each call opens what it needs, while the log's writer writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/log_reader.h"
#include "proxy/audit/month.h"
#include "rules/result.h"

namespace schoolgate::audit {

enum class CaseState : std::uint8_t { opened, seen, handled, passed_on, wrong };
[[nodiscard]] std::string_view to_string(CaseState state) noexcept;  // "new", ..., "passed_on"

struct CaseStep {
  std::int64_t time_ms = 0;
  CaseState state = CaseState::opened;
  std::string actor, note;
};

// Self-harm and abuse: told at once, at any hour; the rest with the day's digest.
[[nodiscard]] bool is_urgent(std::string_view theme) noexcept;

// Of a device, never of a person: nobody knows who sat there.
struct Case {
  Month month;
  std::int64_t id = 0;
  std::string code;  // "CA-7K3Q2F9A"
  std::int64_t opened_ms = 0, until_ms = 0, last_ms = 0;
  std::string client, theme, tier, place;
  bool shared = false;
  std::uint64_t hits = 0;
  CaseState state = CaseState::opened;
};

struct CaseDetail {
  Case about;
  std::vector<CaseStep> steps;
  std::vector<LogRow> rows;  // of the safeguarding file, oldest first; the newest 50
  struct Message {
    std::int64_t time_ms = 0;
    std::string way, failed;  // "" = sent
  };
  std::vector<Message> messages;
};

// A case that is new and was not told on a way.
struct DueMessage {
  Month month;
  std::int64_t step = 0;
  std::string code, theme;
  std::int64_t since_ms = 0;
  bool failed_before = false;  // it was tried on that way, and that is noted
};

// Threads: any. Errors: a file cannot be read or written.
class CaseBook {
 public:
  explicit CaseBook(std::string directory) : directory_(std::move(directory)) {}

  // The newest first, at most `limit`; `open`: without those that are handled, passed on or wrong.
  [[nodiscard]] Result<std::vector<Case>> list(bool open, std::size_t limit) const;
  // Nullopt: there is no such case. `code` in any case of letters.
  [[nodiscard]] Result<std::optional<CaseDetail>> find(std::string_view code) const;
  // On the disk when it returns. False: there is no such case.
  [[nodiscard]] Result<bool> step(std::string_view code, const CaseStep& step) const;

  // Of the newest two months; `way`: "mail" or "hook". Oldest first.
  [[nodiscard]] Result<std::vector<DueMessage>> due(std::string_view way) const;
  // `failed`: why; "" = it was sent.
  [[nodiscard]] Result<void> note_message(const DueMessage& message, std::string_view way,
                                          std::int64_t now_ms, std::string_view failed) const;

 private:
  std::string directory_;
};

}  // namespace schoolgate::audit
