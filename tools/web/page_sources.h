// What the pages ask of others, joined: the running proxy over web.sock, the log's files, the reports.
#pragma once

#include <memory>
#include <string>

#include "config/main/config.h"
#include "config/main/local_time.h"
#include "proxy/web/sources.h"

namespace schoolgate::tools {

[[nodiscard]] std::unique_ptr<web::Daemon> running_proxy(std::string web_socket);
// The ordinary months alone. Each question ends after two seconds.
[[nodiscard]] std::unique_ptr<web::LogBook> log_book(std::string directory);
// `config` outlives it. One report at a time.
[[nodiscard]] std::unique_ptr<web::Reports> report_maker(const Config& config, const TimeZone& zone,
                                                         std::string web_socket);

}  // namespace schoolgate::tools
