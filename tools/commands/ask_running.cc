#include "tools/commands/ask_running.h"

#include <algorithm>
#include <ostream>
#include <vector>

#include "config/kept_sets.h"
#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "config/text/overlay.h"
#include "tools/console/load.h"
#include "tools/daemon/teacher_desk.h"

namespace schoolgate::tools {
namespace {

struct Sockets {
  std::vector<std::string> paths;  // the likeliest first
  std::string errors;              // of the main file
};

Sockets sockets_of(const std::string& config_file, const std::string& state, const Console& console) {
  Sockets found;
  const auto add = [&found](const std::string& path) {
    if (std::find(found.paths.begin(), found.paths.end(), path) == found.paths.end())
      found.paths.push_back(path);
  };
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  if (main && !has_errors(context.diagnostics)) {
    add(main->config.control_socket);
  } else {
    sort_by_place(context.diagnostics);
    found.errors = render(context.diagnostics, context.texts, console.catalogue, console.err_colour);
    // A default never stands for a name that could not be read: it may be another proxy's.
    const auto text = context.read.files.find(base_name(config_file));
    if (text != context.read.files.end())
      if (const std::string named = control_socket_in(text->second); !named.empty()) add(context.path(named));
  }
  const std::string folder = kept_sets_folder(config_file, state);
  if (const auto kept = KeptSets(folder, config_file).find(); kept.set)
    if (const auto then = main_file_of(config_file, kept.set->texts)) add(then->control_socket);
  if (!kept_sets_folder(config_file, "").empty())
    add("/run/schoolgate/control.sock");  // the installed configuration
  return found;
}

}  // namespace

std::string control_socket_in(std::string_view text) {
  return top_value_in(text, "control_socket");
}

Result<Reply, NotAsked> ask_running(const std::string& config_file, const std::string& state,
                                    const std::string& question, Console& console, SocketBeside beside) {
  const Sockets sockets = sockets_of(config_file, state, console);
  NotAsked none{{}, !sockets.errors.empty()};
  for (const std::string& control : sockets.paths) {
    const std::string path = beside == nullptr ? control : beside(control);
    Result<Reply> reply = ask_proxy(path, question);
    if (reply) {
      if (!sockets.errors.empty())
        console.complain(
            say("{} has errors (schoolgate check shows them); the proxy answers at {}", config_file, path));
      return std::move(*reply);
    }
    if (none.message.empty()) none.message = reply.error().message;
  }
  console.err << sockets.errors;
  if (none.message.empty()) none.message = say("the main file names no control socket: is it the right one?");
  return none;
}

int ask_to_change(const std::string& config, const std::string& state, const PolicyQuestion& wanted,
                  Console& console) {
  PolicyQuestion question = wanted;
  question.colour = console.out_colour && !question.json;
  const auto text = to_text(question);
  if (!text) {
    console.complain(say("a name or reason is too long, or holds characters that cannot be seen"));
    return exit_usage;
  }
  const auto answer = ask_running(config, state, *text, console);
  if (!answer) {
    console.complain(answer.error().message);
    return answer.error().main_file ? exit_config_errors : exit_failed;
  }
  (answer->exit_code == exit_ok || question.json ? console.out : console.err) << answer->text;
  return answer->exit_code;
}

int ask_as_teacher(const std::string& config, const std::string& state, const TeacherQuestion& question,
                   Console& console) {
  const auto text = to_text(question);
  if (!text) {
    console.complain(say("a name or reason is too long, or holds characters that cannot be seen"));
    return exit_usage;
  }
  const auto answer = ask_running(config, state, *text, console, &teacher_socket_path);
  if (!answer) {
    console.complain(answer.error().message);
    return answer.error().main_file ? exit_config_errors : exit_failed;
  }
  (answer->exit_code == exit_ok ? console.out : console.err) << answer->text;
  return answer->exit_code;
}

}  // namespace schoolgate::tools
