#include "config/floor/workbook.h"

#include <expat.h>
#include <zip.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace schoolgate {
namespace {

using Attributes = std::map<std::string, std::string, std::less<>>;

// "row" of "x:row".
std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string text_of(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string() : found->second;
}

// The elements of one part, as they come. Without namespaces: names are local ones, but of "r:id".
class XmlPart {
 public:
  using Begin = std::function<void(std::string_view name, const Attributes& attributes)>;
  using End = std::function<void(std::string_view name)>;
  using Text = std::function<void(std::string_view text)>;

  XmlPart(Begin begin, End end, Text text)
      : begin_(std::move(begin)),
        end_(std::move(end)),
        text_(std::move(text)),
        parser_(XML_ParserCreate("UTF-8"), XML_ParserFree) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
  }

  // False: it cannot be read on.
  [[nodiscard]] bool take(std::string_view bytes, bool last) {
    return XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0) ==
           XML_STATUS_OK;
  }
  void stop() { XML_StopParser(parser_.get(), XML_FALSE); }

 private:
  static void on_begin(void* self, const char* name, const char** attributes) {
    auto& part = *static_cast<XmlPart*>(self);
    if (++part.depth_ > WorkbookCaps::depth) return part.stop();
    Attributes all;
    for (; attributes[0] != nullptr; attributes += 2) all[attributes[0]] = attributes[1];
    part.begin_(local_name(name), all);
  }
  static void on_end(void* self, const char* name) {
    auto& part = *static_cast<XmlPart*>(self);
    --part.depth_;
    part.end_(local_name(name));
  }
  static void on_text(void* self, const char* text, int size) {
    static_cast<XmlPart*>(self)->text_({text, static_cast<std::size_t>(size)});
  }
  static void on_doctype(void* self, const char* /*name*/, const char* /*system*/, const char* /*public_id*/,
                         int /*subset*/) {
    static_cast<XmlPart*>(self)->stop();
  }

  Begin begin_;
  End end_;
  Text text_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser_;
  std::size_t depth_ = 0;
};

class Workbook {
 public:
  explicit Workbook(std::string_view bytes) : zip_(nullptr, zip_discard) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &why);
    if (source != nullptr) {
      zip_.reset(zip_open_from_source(source, ZIP_RDONLY, &why));
      if (!zip_) zip_source_free(source);
    }
    zip_error_fini(&why);
  }

  Result<std::vector<ListTable>> read() {
    if (!zip_) return Error{say("the workbook cannot be opened: it is damaged")};
    const zip_int64_t entries = zip_get_num_entries(zip_.get(), 0);
    if (entries < 0 || static_cast<std::uint64_t>(entries) > WorkbookCaps::entries)
      return Error{say("the workbook holds more than {} parts", WorkbookCaps::entries)};
    if (const auto found = find_sheets(); found.failed()) return found.error();
    if (const auto read = read_strings(); read.failed()) return read.error();
    std::vector<ListTable> out;
    for (const auto& [name, path] : sheets_) {
      auto table = read_sheet(name, path);
      if (!table) return table.error();
      if (!table->rows.empty()) out.push_back(std::move(*table));
    }
    return out;
  }

 private:
  [[nodiscard]] bool has(const std::string& path) const {
    return zip_name_locate(zip_.get(), path.c_str(), 0) >= 0;
  }

  // All of a part goes through `part`.
  Result<void> feed(const std::string& path, XmlPart& part) {
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat(zip_.get(), path.c_str(), 0, &about) != 0)
      return Error{say("the workbook lacks the part {}", path)};
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen(zip_.get(), path.c_str(), 0),
                                                                 zip_fclose);
    if (!file)
      return Error{say("the part {} of the workbook cannot be read: damaged, or with a password", path)};
    const std::uint64_t packed = (about.valid & ZIP_STAT_COMP_SIZE) != 0 ? about.comp_size : 0;
    std::string chunk(64 * 1024, '\0');
    std::uint64_t size = 0;
    for (;;) {
      const zip_int64_t got = zip_fread(file.get(), chunk.data(), chunk.size());
      if (got < 0)
        return Error{say("the part {} of the workbook cannot be read: damaged, or with a password", path)};
      size += static_cast<std::uint64_t>(got);
      unpacked_ += static_cast<std::uint64_t>(got);
      if (unpacked_ > WorkbookCaps::unpacked ||
          (size > WorkbookCaps::ratio_from && size / WorkbookCaps::ratio > packed))
        return Error{say("the workbook unpacks to far more than a list holds: it is not read")};
      const bool fits = part.take({chunk.data(), static_cast<std::size_t>(got)}, got == 0);
      if (over_) return Error{*over_};
      if (!fits) return Error{say("the part {} of the workbook is not as Excel writes it", path)};
      if (got == 0) return {};
    }
  }

  // Which sheets there are, and where they lie.
  Result<void> find_sheets() {
    const std::string main = "xl/workbook.xml", links = "xl/_rels/workbook.xml.rels";
    if (!has(main) || !has(links)) return Error{say("it is an archive, but no workbook of Excel (.xlsx)")};
    std::map<std::string, std::string> targets;
    XmlPart relations(
        [&](std::string_view name, const Attributes& is) {
          if (name != "Relationship") return;
          std::string target = text_of(is, "Target");
          target = target.starts_with('/') ? target.substr(1) : "xl/" + target;
          if (targets.size() < WorkbookCaps::entries) targets[text_of(is, "Id")] = std::move(target);
        },
        [](std::string_view) {}, [](std::string_view) {});
    if (const auto fed = feed(links, relations); fed.failed()) return fed;
    XmlPart book(
        [&](std::string_view name, const Attributes& is) {
          if (name != "sheet") return;
          if (sheets_.size() == WorkbookCaps::sheets) {
            over_ = say("the workbook has more than {} sheets", WorkbookCaps::sheets);
            return;
          }
          std::string id;
          for (const auto& [key, value] : is)
            if (local_name(key) == "id" && key != "id") id = value;
          sheets_.emplace_back(text_of(is, "name"), targets[id]);
        },
        [](std::string_view) {}, [](std::string_view) {});
    return feed(main, book);
  }

  // Rich text is several <t>; how a word is spoken (<rPh>) is none of it.
  Result<void> read_strings() {
    const std::string path = "xl/sharedStrings.xml";
    if (!has(path)) return {};
    bool in_text = false, spoken = false;
    XmlPart part(
        [&](std::string_view name, const Attributes&) {
          if (name == "si") strings_.emplace_back();
          if (name == "rPh") spoken = true;
          in_text = name == "t" && !spoken;
        },
        [&](std::string_view name) {
          if (name == "rPh") spoken = false;
          in_text = false;
        },
        [&](std::string_view text) {
          if (in_text && !strings_.empty()) strings_.back() += text;
        });
    return feed(path, part);
  }

  // "AB12" -> 27.
  static std::optional<std::size_t> column_in(std::string_view cell) {
    std::size_t column = 0;
    for (const char c : cell) {
      if (c < 'A' || c > 'Z') break;
      column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
      if (column > 16'384) return std::nullopt;  // XFD, the last one
    }
    if (column == 0) return std::nullopt;
    return column - 1;
  }

  std::string value_of(std::string_view type, std::string_view text) {
    if (type != "s") return std::string(text);
    std::size_t index = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (failed != std::errc() || end != text.data() + text.size() || index >= strings_.size()) {
      over_ = say("the workbook names a text that it does not hold: it is damaged");
      return {};
    }
    return strings_[index];
  }

  void put_cell(ListTable::Row& row, std::size_t column, std::string value) {
    if (value.empty()) return;
    if (column >= ListCaps::cells_in_row) {
      over_ = say("line {} has more than {} cells", row.number, ListCaps::cells_in_row);
      return;
    }
    if (value.size() > ListCaps::cell_bytes) {
      over_ = say("line {} has a cell of over 64 KiB", row.number);
      return;
    }
    if (row.cells.size() <= column) row.cells.resize(column + 1);
    row.cells[column] = std::move(value);
  }

  Result<ListTable> read_sheet(const std::string& name, const std::string& path) {
    ListTable table;
    table.sheet = name;
    ListTable::Row row;
    std::size_t column = 0;
    std::string type, text;
    bool in_value = false;
    XmlPart part(
        [&](std::string_view element, const Attributes& is) {
          if (element == "row") {
            const std::string number = text_of(is, "r");
            std::uint32_t told = row.number + 1;
            std::from_chars(number.data(), number.data() + number.size(), told);
            row = {told, {}};
            column = 0;
          } else if (element == "c") {
            column = column_in(text_of(is, "r")).value_or(column);
            type = text_of(is, "t");
            text.clear();
          }
          in_value = element == "v" || (element == "t" && type == "inlineStr");
        },
        [&](std::string_view element) {
          in_value = false;
          if (element == "c") {
            if (!text.empty()) put_cell(row, column, value_of(type, text));
            ++column;
          } else if (element == "row" && !row.cells.empty()) {
            if (table.rows.size() == ListCaps::rows)
              over_ = say("it has more than {} rows", ListCaps::rows);
            else
              table.rows.push_back(row);
          }
        },
        [&](std::string_view piece) {
          if (in_value) text += piece;
        });
    if (const auto fed = feed(path, part); fed.failed()) return fed.error();
    return table;
  }

  std::unique_ptr<zip_t, void (*)(zip_t*)> zip_;
  std::uint64_t unpacked_ = 0;
  std::optional<Message> over_;  // what ended the reading
  std::vector<std::pair<std::string, std::string>> sheets_;
  std::vector<std::string> strings_;
};

}  // namespace

Result<std::vector<ListTable>> read_workbook(std::string_view bytes) {
  if (bytes.size() > ListCaps::file_bytes)
    return Error{say("larger than {} MiB", ListCaps::file_bytes / (1024 * 1024))};
  return Workbook(bytes).read();
}

}  // namespace schoolgate
