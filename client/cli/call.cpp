// hubbub call: any method of the hub or of a service, by name.
#include <xxhash.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/input.hpp"
#include "client/cli/nearest.hpp"
#include "client/cli/service_call.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/method_table.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string list_of_methods() {
  std::string text;
  for (const auto& row : json::method_table()) {
    text.append(row.name).append(row.arguments.empty() ? "" : " ").append(row.usage());
    text.append("\n    ").append(row.help).append("\n");
  }
  return text;
}

/// The client that all calls with a key come from, which is the same for as long as the user has this identity. Nothing
/// of the secret can be learned from it that the hub isn't told anyway.
ClientId caller_of(const OwnerKey& owner) {
  const auto hash = ::XXH3_128bits_withSeed(owner.bytes.data(), owner.bytes.size(), 1);
  ClientId client;
  std::memcpy(client.bytes.data(), &hash, client.bytes.size());
  return client;
}

CallId call_of(std::string_view key) { return CallId{::XXH3_64bits(key.data(), key.size())}; }

Take store_once(std::optional<proto::Once>& once) {
  return [&once](std::string_view word) -> Result<void> {
    const auto found = std::ranges::find(proto::once_names, word);
    if (found == proto::once_names.end())
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not at-most or exactly");
    once = static_cast<proto::Once>(found - proto::once_names.begin());
    return {};
  };
}

class CallMethod : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"METHOD", "which; nothing lists them all", store(method_), Hint::method, false});
    syntax.operand({"ARGUMENT", "NAME=VALUE… (text) or NAME:=JSON…, or one JSON object, or - to read that from stdin",
                    append(words_), Hint::argument, false, true});
    syntax.option(
        {"--id", "KEY", "the same call whenever it is said again with this KEY: it takes effect once", store(key_)});
    syntax.option({"--once",
                   "HOW",
                   "of a service: at-most, or exactly: kept by the hub, and run until it is answered (at-most)",
                   store_once(once_),
                   Hint::choice,
                   {proto::once_names.begin(), proto::once_names.end()}});
    syntax.option({"--all", "", "of a service: call every provider, and print what all answer in time", store(all_)});
    syntax.option({"--json", "", "of a service: an answer a line, with its provider, status and time", store(json_)});
    syntax.option(
        {"--receipt", "", "of a service: say on stderr who answered, how fast, at which attempt", store(receipt_)});
  }

  Result<void> check() override {
    if (method_.empty()) return {};
    row_ = json::find_method(method_);
    const auto service = proto::is_of_service(method_) ? MethodName::parse(method_) : Result<MethodName>();
    of_service_ = row_ == nullptr && proto::is_of_service(method_) && service;
    if (of_service_) wish_.method = *service;
    if (row_ == nullptr && !of_service_) return fail(Status::invalid_argument, unknown_method());
    if (!of_service_ && (all_ || json_ || receipt_ || once_))
      return fail(Status::invalid_argument,
                  "--all, --json, --once and --receipt are for services; the hub itself has " + method_);
    if (all_ && once_ == proto::Once::exactly)
      return fail(Status::invalid_argument, "--all asks every provider at most once; say --once exactly, or --all");
    if (from_stdin()) return {};
    return encode(words_);
  }

  int run(const Globals& globals) override {
    if (row_ != nullptr || of_service_) return OnlineAction::run(globals);
    return print(list_of_methods()) ? exit_code::done : exit_code::input_output;
  }

 protected:
  /// The hub remembers a call with a key for the caller's own client id, which at the agent is everybody's; and the
  /// agent doesn't pass on that a caller gives up.
  [[nodiscard]] bool uses_agent() const override { return !key_ && !of_service_; }
  /// So that a service hears of Ctrl-C.
  asio::awaitable<void> last_words(Shell& shell, bool) override {
    if (of_service_) co_await shell.link.close(std::chrono::milliseconds(500));
  }
  void prepare(link::Options& options) override {
    if (key_) options.client = caller_of(options.owner);
  }

  asio::awaitable<int> talk(Shell& shell) override {
    if (from_stdin()) {
      const auto read = co_await read_arguments(shell);
      const int code = read ? exit_code::done : shell.complain(read.error());
      if (!read) co_return read.error().status == Input::failed ? exit_code::no_input : code;
    }
    if (of_service_) co_return co_await call_service(shell, wish_);
    auto options = shell.call_options();
    if (key_) options.id = call_of(*key_);
    const auto reply = co_await shell.link.call_raw(MethodName::literal(method_), encoded_, options);
    if (!reply) co_return shell.complain(reply.error());
    const auto shown = row_->decode(*reply, arguments_);
    if (!shown) co_return shell.complain(shown.error());
    shell.out.buffer() += shown->dump(stdout_is_terminal() ? 2 : -1, ' ', stdout_is_terminal()) + "\n";
    co_return exit_code::done;
  }

 private:
  [[nodiscard]] bool from_stdin() const { return words_.size() == 1 && words_[0] == "-"; }

  [[nodiscard]] std::string unknown_method() const {
    std::vector<std::string_view> names;
    for (const auto& row : json::method_table()) names.push_back(row.name);
    const auto near = nearest(method_, names);
    const auto hint = near.empty() ? "hubbub call lists them" : "did you mean " + std::string(near) + "?";
    return "there is no method '" + method_ + "'; " + hint;
  }

  Result<void> encode(const std::vector<std::string>& words) {
    auto arguments = json::arguments_from_words(words);
    if (!arguments) return tl::unexpected(arguments.error());
    arguments_ = *std::move(arguments);
    if (of_service_) {
      wish_ = {wish_.method, arguments_.dump(), all_, once_.value_or(proto::Once::at_most), json_, receipt_, {}};
      if (key_) wish_.id = call_of(*key_);
      return {};
    }
    auto encoded = row_->encode(arguments_);
    if (!encoded)
      return fail(encoded.error().status,
                  encoded.error().sentence + "\nusage: hubbub call " + method_ + " " + row_->usage());
    encoded_ = *std::move(encoded);
    return {};
  }

  asio::awaitable<Result<void>> read_arguments(Shell& shell) {
    auto input = Input::open(shell.loop, "-");
    if (!input) co_return tl::unexpected(input.error());
    std::string text;
    while (text.size() <= limits::frame_bytes_max * 2) {
      const auto bytes = co_await input->read_some();
      if (!bytes) co_return tl::unexpected(bytes.error());
      if (bytes->empty()) break;
      text += *bytes;
    }
    text.erase(0, text.find_first_not_of(" \t\r\n"));
    const std::vector<std::string> words = {text};
    co_return encode(words);
  }

  std::string method_;
  std::optional<std::string> key_;
  std::optional<proto::Once> once_;
  std::vector<std::string> words_;
  const json::MethodRow* row_ = nullptr;
  bool of_service_ = false, all_ = false, json_ = false, receipt_ = false;
  ServiceCallWish wish_;
  Json arguments_ = Json::object();
  std::string encoded_;
};

constexpr std::array examples = {
    Example{"hubbub call", "what there is to call"},
    Example{"hubbub call hub.info", "what the hub is and how busy"},
    Example{"hubbub call room.set_topic room=ops topic='on call: bob'", "arguments one by one"},
    Example{"hubbub call room.post '{\"room\":\"ops\",\"body\":\"hi\",\"headers\":{\"a\":\"b\"}}'", "or as JSON"},
    Example{"hubbub call room.next room=ops --timeout 1h", "wait for the next message"},
    Example{"hubbub call image.scale file=cat.png width:=80 --receipt", "of a service; who has answered, how fast"},
    Example{"hubbub call build.status --all --json", "what every provider of it says"},
    Example{"hubbub call invoice.send number:=4711 --id invoice-4711 --once exactly",
            "and if a power cut comes between"},
    Example{"hubbub call --id deploy-4711 room.post room=ops body=deployed", "once, however often it is run"},
};

}  // namespace

extern const Command call_command;
const Command call_command = {
    "call",
    "call any method of the hub, or of a service",
    "[METHOD [NAME=VALUE… | JSON | -]]",
    "Prints the reply as JSON: indented on a terminal, on one line elsewhere. Bytes that aren't UTF-8 are given and "
    "shown as {\"base64\": \"…\"}. Without a method, lists the hub's own with their arguments; hubbub services lists "
    "what programs offer.\n\n"
    "A method of a service (NAME.METHOD) is run by one of the programs that offer it, see hubbub serve. What it "
    "answers "
    "is printed as it is; where it fails, its reason is said on stderr and its status becomes the exit code. Ctrl-C "
    "and "
    "the deadline reach the program.\n\n"
    "--timeout is carried to the hub as the call's deadline; 10s if not given. room.next waits again after a loss of "
    "the connection, for what is said from then on; sub misses nothing.\n\n"
    "With --id a call that changes something takes effect once, however often it is said with the same KEY, and gets "
    "the first reply again: also by another run, and after a restart of the hub where the effect is in its database. A "
    "service's is remembered until the hub is restarted; said again while it runs it waits for the same answer. KEY is "
    "yours alone; said with another call it is refused. The hub remembers the newest replies, some thousands.\n\n"
    "With --once exactly the hub keeps the call in its database before it is run, and gives it to one provider after "
    "another until one has answered; that answer is kept for ever. --timeout and Ctrl-C end only the waiting: said "
    "again with the same --id it gets the answer. A provider may see it more than once, each time with the same "
    "HUBBUB_CALL.",
    examples,
    make_action<CallMethod>,
};

}  // namespace hubbub::cli
