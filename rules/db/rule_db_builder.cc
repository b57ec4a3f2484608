#include "rules/db/rule_db_builder.h"

#include <map>
#include <tuple>
#include <utility>

#include "rules/db/compiled_db.h"
#include "rules/db/domain_index_builder.h"
#include "rules/db/network_index.h"
#include "rules/db/rule_db_format.h"
#include "rules/patterns/build/index_builder.h"
#include "rules/url/host_keys.h"

namespace schoolgate {

struct RuleDbBuilder::Impl {
  std::vector<SourceInfo> sources;
  Bytes lookalikes;
  DomainIndexBuilder domains;
  UrlIndexBuilder urls;
  NetworkIndexBuilder networks;
  std::vector<Pattern> patterns;  // by id
  std::map<std::tuple<std::string, PatternTarget, bool>, std::uint32_t> pattern_ids;
  std::vector<std::vector<std::uint32_t>> pattern_rules;  // by id
  Result<void> added;                                     // the first error, if there was one

  bool check_host(std::string_view host) {
    if (is_packable(host)) return true;
    if (added.ok()) added = Error{say("\"{}\" is not a canonical host name", host)};
    return false;
  }

  void add_domain(Tag tag, const RuleEntry& entry) {
    if (!check_host(entry.text)) return;
    std::uint32_t flags = 0;
    if (entry.exception) flags |= DomainFlags::exception;
    if (entry.important) flags |= DomainFlags::important;
    if (!entry.subdomains) flags |= DomainFlags::not_below;
    if (!entry.itself) flags |= DomainFlags::not_itself;
    domains.add(hash_host(entry.text), entry.text, {domain_member(tag, flags), entry.line, false});
  }

  void add_url(Tag tag, const RuleEntry& entry) {
    UrlRuleText parts = UrlRuleText::split(entry.text, entry.open_end);
    if (!check_host(parts.host)) return;
    UrlItem item{tag, entry.line, 0};
    if (entry.exception) item.flags |= UrlItem::exception;
    if (entry.important) item.flags |= UrlItem::important;
    if (entry.open_end) item.flags |= UrlItem::open_end;
    if (entry.subdomains) item.flags |= UrlItem::subdomains;
    if (parts.www) item.flags |= UrlItem::www;
    const std::uint32_t number = urls.add(std::move(parts.rest), item);
    domains.add(hash_host(parts.host), parts.host, {number, 0, true});
  }

  void add_pattern(Tag tag, RuleEntry&& entry) {
    const auto [at, is_new] = pattern_ids.try_emplace({entry.text, entry.target, entry.case_sensitive},
                                                      static_cast<std::uint32_t>(patterns.size()));
    if (is_new) {
      patterns.push_back({std::move(entry.text), entry.target, entry.case_sensitive});
      pattern_rules.emplace_back();
    }
    auto& rules = pattern_rules[at->second];
    const std::uint32_t flags =
        (entry.exception ? PatternFlags::exception : 0U) | (entry.important ? PatternFlags::important : 0U);
    rules.insert(rules.end(), {tag, entry.line, flags});
  }

  void add_network(Tag tag, const RuleEntry& entry) {
    const auto network = Network::parse(entry.text);
    if (!network || network->cidr() != entry.text) {
      if (added.ok()) added = Error{say("\"{}\" is not a network", entry.text)};
      return;
    }
    const std::uint32_t flags =
        (entry.exception ? NetworkItem::exception : 0U) | (entry.important ? NetworkItem::important : 0U);
    networks.add(*network, {tag, entry.line, flags});
  }

  Bytes source_bytes() const {
    Bytes out;
    put_varint(out, static_cast<std::uint32_t>(sources.size()));
    for (const SourceInfo& s : sources) {
      for (const std::string* text : {&s.category, &s.name, &s.file}) {
        put_varint(out, static_cast<std::uint32_t>(text->size()));
        put_text(out, *text);
      }
      for (const std::uint64_t number : {s.domains, s.urls, s.patterns, s.exceptions, s.networks})
        put(out, number);
    }
    return out;
  }

  Bytes pattern_rule_bytes() const {
    std::vector<std::uint32_t> offsets{0}, numbers;
    for (const auto& rules : pattern_rules) {
      numbers.insert(numbers.end(), rules.begin(), rules.end());
      offsets.push_back(static_cast<std::uint32_t>(numbers.size()));
    }
    return number_lists(offsets, numbers);
  }
};

namespace {

// Sections into one file; each is freed once copied, so that little is held twice.
Bytes assemble(DbHeader header, std::array<Bytes, section_count> sections) {
  std::uint64_t size = sizeof header;
  for (const Bytes& section : sections) size += aligned(section.size());
  Bytes file;
  file.reserve(size);
  file.resize(sizeof header);
  for (std::size_t i = 0; i < section_count; ++i) {
    SectionEntry& entry = header.sections[i];
    entry.offset = file.size();
    entry.size = sections[i].size();
    put_bytes(file, sections[i]);
    sections[i] = Bytes();
    file.resize(aligned(file.size()));
    entry.sum = checksum(std::span(file).subspan(entry.offset));
  }
  header.file_size = file.size();
  header.header_sum = checksum(std::as_bytes(std::span(&header, 1)));
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

}  // namespace

RuleDbBuilder::RuleDbBuilder() : impl_(std::make_unique<Impl>()) {}
RuleDbBuilder::~RuleDbBuilder() = default;

Tag RuleDbBuilder::add_source(SourceInfo info) {
  info.domains = info.urls = info.patterns = info.exceptions = info.networks = 0;
  impl_->sources.push_back(std::move(info));
  return static_cast<Tag>(impl_->sources.size() - 1);
}

void RuleDbBuilder::add(Tag tag, RuleEntry entry) {
  Impl& impl = *impl_;
  if (tag > max_tag) {
    if (impl.added.ok()) impl.added = Error{say("a rule's tag is over 28 bits")};
    return;
  }
  if (tag < impl.sources.size()) {
    SourceInfo& source = impl.sources[tag];
    std::uint64_t& count = entry.kind == RuleKind::domain    ? source.domains
                           : entry.kind == RuleKind::url     ? source.urls
                           : entry.kind == RuleKind::network ? source.networks
                                                             : source.patterns;
    ++(entry.exception ? source.exceptions : count);
  }
  switch (entry.kind) {
    case RuleKind::domain:
      return impl.add_domain(tag, entry);
    case RuleKind::url:
      return impl.add_url(tag, entry);
    case RuleKind::pattern:
      return impl.add_pattern(tag, std::move(entry));
    case RuleKind::network:
      return impl.add_network(tag, entry);
  }
}

void RuleDbBuilder::set_lookalikes(std::vector<std::byte> section) {
  impl_->lookalikes = std::move(section);
}

Result<std::vector<std::byte>> RuleDbBuilder::build() {
  const std::unique_ptr<Impl> impl = std::exchange(impl_, std::make_unique<Impl>());
  if (impl->added.failed()) return impl->added.error();
  DbHeader header;
  std::array<Bytes, section_count> sections;
  const auto section = [&](Section s) -> Bytes& { return sections[static_cast<std::size_t>(s)]; };

  if (!impl->patterns.empty()) {
    auto index = build_pattern_index(impl->patterns);
    if (!index) return index.error();
    section(Section::patterns) = std::move(*index);
    for (const Pattern& p : impl->patterns) {
      if (p.target != PatternTarget::host) header.flags |= DbHeader::path_patterns;
    }
  }
  header.patterns = impl->patterns.size();
  section(Section::pattern_rules) = impl->pattern_rule_bytes();
  section(Section::sources) = impl->source_bytes();
  section(Section::networks) = impl->networks.build();
  section(Section::lookalikes) = std::move(impl->lookalikes);

  DomainSections domains = impl->domains.build();
  if (domains.too_big) return Error{say("the names of the lists take more than 4 GiB")};
  header.homes = domains.homes;
  header.domains = domains.domains;
  section(Section::urls) = impl->urls.build(domains.group_begin, domains.group_rules, header.url_prefixes);
  section(Section::domain_buckets) = std::move(domains.buckets);
  section(Section::domain_records) = std::move(domains.records);
  section(Section::name_endings) = std::move(domains.endings);
  section(Section::tag_sets) = std::move(domains.tag_sets);
  return assemble(header, std::move(sections));
}

}  // namespace schoolgate
