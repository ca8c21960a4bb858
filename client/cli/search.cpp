// hubbub search: what was said with these words in it.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/highlight.hpp"
#include "client/cli/hit_view.hpp"
#include "client/cli/moment.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/cli/words.hpp"
#include "client/json/message_json.hpp"
#include "client/link/found.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

std::string unindexed_sentence(std::uint64_t count) {
  return count == 1 ? "the newest message isn't in the index yet, and can't be found"
                    : "the newest " + std::to_string(count) + " messages aren't in the index yet, and can't be found";
}

constexpr std::uint64_t limit_by_default = 50;
/// Where few are missing it isn't known how many have to be looked at for them.
constexpr std::uint64_t page_min = 50;

class Search : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand(
        {"WORDS", "what a message has to contain, all of it: see below", append(words_), Hint::none, true, true});
    syntax.option({"--room",
                   "PATTERN",
                   "only in these rooms: lobby, ci.*, 'ci.>', @alice, '@*'",
                   append(patterns_),
                   Hint::room,
                   {},
                   true});
    syntax.option({"--from", "WHO", "only what that person said", store(from_), Hint::person});
    syntax.option(
        {"--since", "WHEN", "only what was said then or later: 2h (ago), 2026-11-01T12:00", store_moment(since_)});
    syntax.option({"--until", "WHEN", "only what was said then or earlier", store_moment(until_)});
    syntax.option({"-n,--limit", "COUNT", "so many of the newest; 50 if not given", store(limit_, 1)});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

  Result<void> check() override {
    const auto typed = joined(words_);
    const auto words = proto::parse_search_words(typed);
    if (!words) return tl::unexpected(words.error());
    auto text = Text::parse(typed);
    if (!text) return tl::unexpected(text.error());
    auto from = Text::parse(from_);
    if (!from) return tl::unexpected(from.error());
    question_.words = *std::move(text);
    question_.from = *std::move(from);
    question_.since = since_.value_or(WallTime{});
    question_.until = until_.value_or(WallTime{});
    wanted_ = *words;
    if (patterns_.empty()) patterns_ = {Pattern::literal(">"), Pattern::literal("@*")};
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    for (const auto& pattern : patterns_) {
      const auto asked = co_await ask(shell, pattern);
      if (!asked) co_return shell.complain(asked.error());
    }
    choose();
    show(HitView(wanted_, wants_color(shell.globals.no_color)), shell.out.buffer());
    if (unindexed_ > 0) note(unindexed_sentence(unindexed_));
    co_return found_.empty() ? exit_code::nothing_found : exit_code::done;
  }

 private:
  void show(const HitView& view, std::string& out) const {
    for (const auto& [message, became, as_found] : found_) {
      if (!json_) {
        view.append(message, became, out);
        continue;
      }
      json::append_json(message, became, out);
      out += '\n';
    }
  }

  /// Page after page, until there are enough that are shown, or no more: the hub looks only for so long at once.
  asio::awaitable<Result<void>> ask(Shell& shell, Pattern pattern) {
    question_.pattern = std::move(pattern);
    question_.before = 0;
    const auto had = found_.size();
    const auto wanted = limit_.value_or(limit_by_default);
    std::uint64_t left = wanted;
    do {
      const auto hits = question_.before == 0 ? left : std::max(left, page_min);
      question_.limit = static_cast<std::uint16_t>(std::min<std::uint64_t>(hits, limits::history_page_messages_max));
      const auto page = co_await shell.link.call(question_, shell.call_options());
      if (!page) co_return tl::unexpected(page.error());
      const auto taken = co_await take(shell, *page);
      if (!taken) co_return taken;
      left = wanted - std::min<std::uint64_t>(wanted, found_.size() - had);
      unindexed_ = page->unindexed;
      question_.before = page->more;
    } while (question_.before != 0 && left > 0);
    co_return Result<void>();
  }

  /// What is shown of a page: words that only an older text has aren't there any more.
  asio::awaitable<Result<void>> take(Shell& shell, const proto::RoomSearch::Reply& page) {
    std::vector<link::Message> hits;
    for (const auto& hit : page.hits)
      if (auto message = link::decode_message(hit.room, hit.message.bytes)) hits.push_back(*std::move(message));
    auto looked = co_await link::look_up(shell.link, std::move(hits), SystemClock().wall_now(), shell.call_options());
    if (!looked) co_return tl::unexpected(looked.error());
    for (auto& one : *looked) {
      if (!one.as_found && !has_words(wanted_, one.message.body)) continue;
      if (known_.emplace(one.message.room, one.message.seq).second) found_.push_back(std::move(one));
    }
    co_return Result<void>();
  }

  /// The newest of all that was found, the newest last.
  void choose() {
    std::ranges::stable_sort(found_, std::greater(), [](const link::Found& one) { return one.message.time; });
    if (const auto limit = limit_.value_or(limit_by_default); found_.size() > limit)
      found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(limit), found_.end());
    std::ranges::reverse(found_);
  }

  std::vector<std::string> words_;
  std::vector<Pattern> patterns_;
  std::string from_;
  std::optional<WallTime> since_, until_;
  std::optional<std::uint64_t> limit_;
  bool json_ = false;
  std::vector<proto::SearchWord> wanted_;
  proto::RoomSearch question_;
  std::vector<link::Found> found_;
  std::set<std::pair<RoomName, Seq>> known_;  ///< of found_
  std::uint64_t unindexed_ = 0;
};

constexpr std::array examples = {
    Example{"hubbub search deploy failed", "both words, wherever you may read"},
    Example{"hubbub search 'disk*' --room 'ci.>' --since 2d", "words that begin so, in some rooms, lately"},
    Example{"hubbub search '\"out of memory\"' --from bob", "these words side by side"},
    Example{"hubbub search -- deploy -test", "deploy, but not test"},
};

}  // namespace

extern const Command search_command;
const Command search_command = {
    "search",
    "find what was said by its words",
    "WORDS… [OPTION…]",
    "Prints the newest messages that contain all the words, the newest last: time, room, number, sender, text. Looks "
    "into durable rooms that you may read, direct conversations too; data isn't searched. Upper and lower case are the "
    "same, letters with and without marks too. A message that was edited is found by the text that it has now.\n\n"
    "word* finds what begins so, \"a phrase\" words side by side (the quotes have to reach hubbub: '\"a phrase\"'), "
    "-word leaves out what contains it (after --, or it would be an option).\n\n"
    "Exits with 1 where nothing is found. New messages are in the index within a moment; a note says so while the hub "
    "is "
    "behind.",
    examples,
    make_action<Search>,
};

}  // namespace hubbub::cli
