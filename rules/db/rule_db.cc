#include "rules/db/rule_db.h"

#include <cstring>
#include <optional>
#include <utility>

#include "rules/bytes/hash.h"
#include "rules/db/compiled_db.h"
#include "rules/db/name_codec.h"
#include "rules/db/rule_db_format.h"
#include "rules/patterns/build/reach.h"
#include "rules/url/host_keys.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

Error not_a_database(Message why) {
  return Error{say("not a usable rule database: {}", std::move(why))};
}

// The header, if it and all sections are as they were written.
Result<DbHeader> checked_header(std::span<const std::byte> bytes) {
  DbHeader header;
  const auto in_header = std::as_writable_bytes(std::span(&header, 1));
  constexpr std::size_t shortest = shape_of(oldest_db_version).header;
  if (bytes.size() < shortest) return not_a_database(say("shorter than its header"));
  std::memcpy(in_header.data(), bytes.data(), shortest);
  if (header.magic != db_magic) return not_a_database(say("it does not begin as one"));
  if (header.version < oldest_db_version || header.version > db_version)
    return not_a_database(say("version {}, this program reads version {}; compile the lists again",
                              header.version, db_version));
  const DbShape shape = shape_of(header.version);
  if (bytes.size() < shape.header) return not_a_database(say("shorter than its header"));
  std::memcpy(in_header.data(), bytes.data(), shape.header);
  const std::uint64_t header_sum = std::exchange(header.header_sum, 0);
  if (checksum(in_header.first(shape.header)) != header_sum)
    return not_a_database(say("its header is damaged"));
  if (header.file_size != bytes.size())
    return not_a_database(say("{} bytes, {} were written", bytes.size(), header.file_size));

  std::uint64_t offset = shape.header;
  for (std::size_t i = 0; i < shape.sections; ++i) {
    const SectionEntry& entry = header.sections[i];
    if (entry.offset != offset || entry.size > bytes.size() - offset ||
        aligned(entry.size) > bytes.size() - offset)
      return not_a_database(say("its table of sections is damaged"));
    if (checksum(bytes.subspan(offset, aligned(entry.size))) != entry.sum)
      return not_a_database(say("section {} is damaged", i));
    offset += aligned(entry.size);
  }
  if (offset != bytes.size()) return not_a_database(say("bytes after its last section"));
  return header;
}

std::optional<std::vector<SourceInfo>> read_sources(std::span<const std::byte> bytes, std::uint32_t version) {
  std::vector<SourceInfo> sources;
  ByteReader in(bytes);
  const std::uint32_t count = in.varint();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    SourceInfo& source = sources.emplace_back();
    for (std::string* text : {&source.category, &source.name, &source.file}) *text = in.text(in.varint());
    for (std::uint64_t* number : {&source.domains, &source.urls, &source.patterns, &source.exceptions})
      *number = in.fixed<std::uint64_t>();
    if (version >= networks_version) source.networks = in.fixed<std::uint64_t>();
  }
  if (!in.ok()) return std::nullopt;
  return sources;
}

}  // namespace

std::string RuleDb::version() {
  return std::to_string(db_version) + "." + std::to_string(pattern::index_version);
}

RuleDb::RuleDb() : sections_(std::make_unique<CompiledDb>()) {}
RuleDb::~RuleDb() = default;

std::span<const SourceInfo> RuleDb::sources() const noexcept {
  return sections_->sources;
}

const LookalikeModels& RuleDb::lookalikes() const noexcept {
  return sections_->lookalikes;
}

RuleDb::Counts RuleDb::counts() const noexcept {
  return sections_->counts;
}

Result<std::shared_ptr<const RuleDb>> RuleDb::open(std::span<const std::byte> bytes) {
  const std::shared_ptr<RuleDb> opened(new RuleDb);
  CompiledDb* const db = opened->sections_.get();
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % db_alignment != 0) bytes = db->aligned_copy(bytes);
  auto header = checked_header(bytes);
  if (!header) return header.error();
  const auto section = [&](Section s) {
    const SectionEntry& entry = header->sections[static_cast<std::size_t>(s)];
    return bytes.subspan(entry.offset, entry.size);
  };

  const auto domains = DomainIndex::open(section(Section::domain_buckets), header->homes,
                                         section(Section::domain_records), section(Section::name_endings));
  const auto tag_sets = NumberLists::open(section(Section::tag_sets));
  const auto urls = UrlIndex::open(section(Section::urls));
  const auto pattern_rules = NumberLists::open(section(Section::pattern_rules));
  const auto networks = NetworkIndex::open(section(Section::networks));
  auto lookalikes = LookalikeModels::open(section(Section::lookalikes));
  auto sources = read_sources(section(Section::sources), header->version);
  if (!domains || !tag_sets || !urls || !pattern_rules || !networks || !lookalikes || !sources)
    return not_a_database(say("a section is not what its name says"));
  db->domains = *domains;
  db->tag_sets = *tag_sets;
  db->urls = *urls;
  db->networks = *networks;
  db->pattern_rules = *pattern_rules;
  db->lookalikes = *std::move(lookalikes);
  db->sources = *std::move(sources);
  db->path_patterns = (header->flags & DbHeader::path_patterns) != 0;
  std::uint64_t weak = 0;
  if (!section(Section::patterns).empty()) {
    auto patterns = PatternIndex::open(section(Section::patterns));
    if (!patterns) return patterns.error();
    db->patterns = *patterns;
    if (db->patterns->size() != db->pattern_rules.size())
      return not_a_database(say("patterns without a rule"));
    for (std::uint32_t id = 0; id < db->patterns->size(); ++id) weak += db->patterns->weak(id) ? 1 : 0;
  }
  db->counts = {header->domains,         header->url_prefixes, header->patterns, db->networks.size(), weak,
                db->domains.hot_bytes(), bytes.size()};
  return std::shared_ptr<const RuleDb>(opened);
}

std::span<const std::byte> CompiledDb::aligned_copy(std::span<const std::byte> bytes) {
  copy_.resize(aligned(bytes.size()) / db_alignment);
  if (!bytes.empty()) std::memcpy(copy_.data(), bytes.data(), bytes.size());
  return std::as_bytes(std::span(copy_)).first(bytes.size());
}

std::string url_rule_text(std::string_view key, bool www, std::string_view rest) {
  std::string text = www ? "www." : "";
  text.append(key).append(rest.empty() ? "/" : rest);
  return text;
}

namespace {

// use(name, record) of the host and of each parent of it that something names.
void each_named(const CompiledDb& db, std::string_view host, bool is_address, const auto& use) {
  const HostKeys keys(host, is_address);
  for (const HostKeys::Key& key : keys) {
    const std::string_view name = keys.suffix(key);
    DomainRecord record;
    if (db.domains.find(key.hash, name, record) == DomainIndex::Found::yes) use(name, record);
  }
}

}  // namespace

std::vector<RuleHit> RuleDb::search(std::string_view host) const {
  const CompiledDb& db = *sections_;
  std::vector<RuleHit> hits;
  if (!is_packable(host)) return hits;
  const auto address = IpAddress::parse(host);
  each_named(db, host, address.has_value(), [&](std::string_view name, const DomainRecord& record) {
    const bool itself = name.size() == host.size();
    (void)db.domain_rules(record, [&](Tag tag, std::uint32_t flags, std::uint32_t line) {
      if ((flags & (itself ? DomainFlags::not_itself : DomainFlags::not_below)) != 0) return;
      hits.push_back({tag, RuleKind::domain, (flags & DomainFlags::exception) != 0, line, std::string(name)});
    });
    const HostRelation relation = host_relation(host, name);
    db.urls.all(record.url_group, [&](std::string_view rest, std::span<const UrlItem> items) {
      for (const UrlItem& item : items) {
        if (!holds(item, relation)) continue;
        hits.push_back({item.tag, RuleKind::url, (item.flags & UrlItem::exception) != 0, item.line,
                        url_rule_text(name, (item.flags & UrlItem::www) != 0, rest)});
      }
    });
  });
  if (!address) return hits;
  db.networks.match(*address, [&](const Network& network, std::span<const NetworkItem> items) {
    for (const NetworkItem& item : items)
      hits.push_back({item.tag, RuleKind::network, (item.flags & NetworkItem::exception) != 0, item.line,
                      network.cidr()});
  });
  return hits;
}

std::vector<RuleHit> RuleDb::host_entries(std::string_view host) const {
  std::vector<RuleHit> hits;
  if (!is_packable(host)) return hits;
  const bool is_address = IpAddress::parse(host).has_value();
  each_named(*sections_, host, is_address, [&](std::string_view name, const DomainRecord& record) {
    (void)sections_->domain_rules(record, [&](Tag tag, std::uint32_t flags, std::uint32_t line) {
      hits.push_back({tag, RuleKind::domain, (flags & DomainFlags::exception) != 0, line, std::string(name)});
    });
  });
  return hits;
}

std::vector<RuleHit> RuleDb::patterns_that_need_a_path() const {
  const auto& patterns = sections_->patterns;
  std::vector<RuleHit> hits;
  for (std::uint32_t id = 0; patterns && id < patterns->size(); ++id) {
    if (!needs_a_path(patterns->pattern(id))) continue;
    const auto rules = sections_->pattern_rules[id];
    for (std::size_t i = 0; i + numbers_per_pattern_rule <= rules.size(); i += numbers_per_pattern_rule)
      hits.push_back({rules[i], RuleKind::pattern, (rules[i + 2] & PatternFlags::exception) != 0,
                      rules[i + 1], std::string(patterns->text(id))});
  }
  return hits;
}

}  // namespace schoolgate
