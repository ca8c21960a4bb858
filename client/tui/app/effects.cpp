// What apply() wanted done, done by the link; what comes of it goes back as an event, see answer().
#include <algorithm>
#include <utility>

#include "client/link/found.hpp"
#include "client/tui/app/app.hpp"
#include "client/tui/state/reading.hpp"

namespace hubbub::tui {

struct App::Doer {
  App& app;

  void operator()(HearDirect) const { app.spawn(app.hear_direct()); }
  void operator()(const OpenRoom& effect) const { app.spawn(app.open_room(effect)); }
  void operator()(const AskMembers& effect) const { app.spawn(app.ask_members(effect)); }
  void operator()(const CloseRoom& effect) const { app.spawn(app.close_room(effect)); }
  void operator()(const AskHistory& effect) const { app.spawn(app.ask_history(effect)); }
  void operator()(const SetCursor& effect) const { app.spawn(app.set_cursor(effect)); }
  void operator()(const AskSearch& effect) const { app.spawn(app.ask_search(effect)); }
  void operator()(const Say& effect) const { app.spawn(app.say(effect)); }
  void operator()(const Amend& effect) const { app.spawn(app.amend(effect)); }
  void operator()(const Redact& effect) const { app.spawn(app.redact(effect)); }
  void operator()(const AskPins& effect) const { app.spawn(app.ask_pins(effect)); }
  void operator()(const SetTopic& effect) const { app.spawn(app.set_topic(effect)); }
  void operator()(const AskTopic& effect) const { app.spawn(app.ask_topic(effect)); }
  void operator()(const SetAway& effect) const { app.spawn(app.set_away(effect)); }
  void operator()(const Rename& effect) const { app.spawn(app.rename(effect)); }
  void operator()(const AskWho& effect) const { app.spawn(app.ask_who(effect)); }
  void operator()(const AskRooms& effect) const { app.spawn(app.ask_rooms(effect)); }
  void operator()(const TellTyping& effect) const { app.spawn(app.tell_typing(effect)); }
  void operator()(const SayLater& effect) const { app.spawn(app.say_later(effect)); }
  void operator()(const AskLater& effect) const { app.spawn(app.ask_later(effect)); }
  void operator()(const CancelLater& effect) const { app.spawn(app.cancel_later(effect)); }
  void operator()(const CallService& effect) const { app.spawn(app.call_service(effect)); }
  void operator()(const Execute& effect) const { app.execute(effect); }
  void operator()(EndExecution) const { app.end_execution(); }
  void operator()(Ring) const { app.ring_ = true; }
  void operator()(Repaint) const { app.shown_ = Screen{}; }
  void operator()(Suspend) const { app.suspend(true); }
  void operator()(Quit) const { app.stop(0); }
};

void App::do_effects() {
  for (const auto& effect : take_effects(state_)) std::visit(Doer{*this}, effect);
}

asio::awaitable<Result<void>> App::receive(Pattern pattern) {
  link::Subscription subscription;
  subscription.pattern = std::move(pattern);
  subscription.events = true;
  const auto subscribed = co_await link_.subscribe(std::move(subscription));
  if (!subscribed) co_return tl::unexpected(subscribed.error());
  co_return Result<void>();
}

asio::awaitable<void> App::hear_direct() {
  const auto subscribed = co_await receive(Pattern::literal("@*"));
  if (!subscribed) answer(HearDirectFailed{subscribed.error()});
}

asio::awaitable<void> App::open_room(OpenRoom effect) {
  if (effect.receive) {
    const auto subscribed = co_await receive(Pattern::literal(effect.room.str()));
    if (!subscribed) co_return answer(JoinEnded{effect.room, tl::unexpected(subscribed.error())});
  }
  proto::RoomJoin join;
  join.room = effect.room;
  auto reply = co_await link_.call(std::move(join));
  answer(JoinEnded{effect.room, std::move(reply)});
}

// A direct conversation can't be left: it only leaves the screen, and comes back with the next message. Leaving another
// ends its subscription, too, and in one call: somebody may be on the way back in already.
asio::awaitable<void> App::close_room(CloseRoom effect) {
  if (is_direct(effect.room)) co_return;
  proto::RoomLeave leave;
  leave.room = effect.room;
  const auto left = co_await link_.call(std::move(leave));
  if (left) co_return;
  answer(Refused{left.error()});
  if (find_room(state_, effect.room) == nullptr) co_await link_.unsubscribe(Pattern::literal(effect.room.str()));
}

namespace {

void append(const RoomName& room, const std::vector<proto::Blob>& payloads, std::vector<link::Message>& messages) {
  for (const auto& payload : payloads)
    if (auto decoded = link::decode_message(room, payload.bytes)) messages.push_back(*std::move(decoded));
}

HistoryPage page_of(const RoomName& room, const proto::RoomHistory::Reply& reply) {
  HistoryPage page;
  page.first = reply.first;
  append(room, reply.messages, page.messages);
  append(room, reply.amendments, page.amendments);
  return page;
}

}  // namespace

asio::awaitable<void> App::ask_history(AskHistory effect) {
  proto::RoomHistory ask;
  ask.room = effect.room;
  ask.before = effect.before;
  ask.limit = effect.limit;
  const auto reply = co_await link_.call(std::move(ask));
  if (!reply) co_return answer(HistoryCame{effect, tl::unexpected(reply.error())});
  answer(HistoryCame{effect, page_of(effect.room, *reply)});
}

// Rooms, then direct conversations, which no pattern of rooms has in it; the newest of both.
asio::awaitable<void> App::ask_search(AskSearch effect) {
  SearchPage found;
  for (const auto* pattern : {">", "@*"}) {
    const auto asked = co_await search_rooms(effect, Pattern::literal(pattern), found);
    if (!asked) co_return answer(SearchCame{effect, tl::unexpected(asked.error())});
  }
  std::ranges::stable_sort(found.messages, std::greater(), &link::Message::time);
  found.more = found.more || found.messages.size() > found_max;
  found.messages.resize(std::min(found.messages.size(), found_max));
  auto hits = std::move(found.messages);
  found.messages.clear();
  const auto now = co_await look_up(std::move(hits), found);
  if (!now) co_return answer(SearchCame{effect, tl::unexpected(now.error())});
  answer(SearchCame{std::move(effect), std::move(found)});
}

/// As they are now: a message that was edited with its newest text.
asio::awaitable<Result<void>> App::look_up(std::vector<link::Message> hits, SearchPage& found) {
  const link::CallOptions options;
  auto shown = co_await link::look_up(link_, std::move(hits), clock_.wall_now(), options);
  if (!shown) co_return tl::unexpected(shown.error());
  for (auto& one : *shown) found.messages.push_back(std::move(one.message));
  co_return Result<void>();
}

asio::awaitable<Result<void>> App::search_rooms(AskSearch effect, Pattern pattern, SearchPage& found) {
  proto::RoomSearch ask;
  ask.words = effect.words;
  ask.pattern = std::move(pattern);
  ask.limit = found_max;
  const auto reply = co_await link_.call(std::move(ask));
  if (!reply) co_return tl::unexpected(reply.error());
  for (const auto& hit : reply->hits)
    if (auto decoded = link::decode_message(hit.room, hit.message.bytes)) found.messages.push_back(*std::move(decoded));
  found.more = found.more || reply->more != 0;
  found.unindexed = reply->unindexed;
  co_return Result<void>();
}

asio::awaitable<void> App::ask_members(AskMembers effect) {
  proto::RoomMembers ask;
  ask.room = effect.room;
  auto reply = co_await link_.call(std::move(ask));
  if (reply) answer(MembersCame{effect.room, std::move(reply->members), effect.changes});
}

asio::awaitable<void> App::set_cursor(SetCursor effect) {
  proto::CursorSet set;
  set.room = effect.room;
  set.seq = effect.seq;
  const auto reply = co_await link_.call(std::move(set));
  Result<Seq> seq = reply ? Result<Seq>(reply->seq) : Result<Seq>(tl::unexpected(reply.error()));
  answer(CursorSet{std::move(effect), std::move(seq)});
}

// How far the person has read, told before the end: otherwise the last of it would be unread next time.
asio::awaitable<void> App::set_last_cursors() {
  const auto until = std::chrono::steady_clock::now() + good_bye / 2;
  for (const auto& untold : untold_cursors(state_)) {
    if (!link_.online() || std::chrono::steady_clock::now() >= until) co_return;
    proto::CursorSet set;
    set.room = untold.room;
    set.seq = untold.seq;
    link::CallOptions options;
    options.timeout = good_bye / 2;
    co_await link_.call(std::move(set), options);
  }
}

asio::awaitable<void> App::say(Say effect) {
  link::Outgoing message;
  message.room = effect.room;
  message.kind = effect.kind;
  message.body = effect.body;
  if (effect.reply) link::put(*effect.reply, message.headers);
  const auto receipt = co_await link_.publish(std::move(message));
  if (!receipt && stopping_) ++lost_;
  Result<Seq> seq = receipt ? Result<Seq>(receipt->seq) : Result<Seq>(tl::unexpected(receipt.error()));
  answer(SayEnded{std::move(effect), std::move(seq)});
}

asio::awaitable<void> App::amend(Amend effect) {
  auto message = link::amending(effect.room, effect.amendment);
  message.body = effect.body;
  const auto receipt = co_await link_.publish(std::move(message));
  if (receipt) co_return;
  if (stopping_) ++lost_;
  answer(Refused{receipt.error()});
}

asio::awaitable<void> App::redact(Redact effect) {
  proto::RoomRedact redact;
  redact.room = effect.room;
  redact.seq = effect.seq;
  redact.reason = effect.reason;
  const auto done = co_await link_.call(std::move(redact));
  if (!done) answer(Refused{done.error()});
}

asio::awaitable<void> App::ask_pins(AskPins effect) {
  proto::RoomPins ask;
  ask.room = effect.room;
  const auto reply = co_await link_.call(std::move(ask));
  if (!reply) co_return answer(Refused{reply.error()});
  answer(PinsCame{effect.room, page_of(effect.room, *reply)});
}

asio::awaitable<void> App::set_topic(SetTopic effect) {
  proto::RoomSetTopic set;
  set.room = effect.room;
  set.topic = effect.topic;
  const auto done = co_await link_.call(std::move(set));
  if (!done) answer(Refused{done.error()});
}

asio::awaitable<void> App::ask_topic(AskTopic effect) {
  proto::RoomTopic ask;
  ask.room = effect.room;
  auto reply = co_await link_.call(std::move(ask));
  if (!reply) co_return answer(Refused{reply.error()});
  answer(TopicCame{effect.room, *std::move(reply)});
}

asio::awaitable<void> App::set_away(SetAway effect) {
  proto::PeopleAway away;
  away.text = effect.text;
  const auto done = co_await link_.call(std::move(away));
  if (!done) co_return answer(Refused{done.error()});
  answer(AwaySet{effect.text});
}

asio::awaitable<void> App::rename(Rename effect) {
  proto::PeopleRename ask;
  ask.to = effect.to;
  const auto done = co_await link_.call(std::move(ask));
  if (!done) co_return answer(Refused{done.error()});
  answer(Renamed{effect.to});
}

asio::awaitable<void> App::ask_who(AskWho effect) {
  auto person = Text::parse(effect.person);
  if (!person) co_return answer(Refused{person.error()});
  proto::PeopleWho ask;
  ask.person = *std::move(person);
  auto reply = co_await link_.call(std::move(ask));
  if (!reply) co_return answer(Refused{reply.error()});
  answer(WhoCame{std::move(reply->people)});
}

asio::awaitable<void> App::ask_rooms(AskRooms effect) {
  proto::RoomList ask;
  ask.pattern = effect.pattern;
  ask.limit = 200;
  auto reply = co_await link_.call(std::move(ask));
  if (!reply && effect.quiet) co_return;
  if (!reply) co_return answer(Refused{reply.error()});
  answer(RoomsCame{std::move(reply->rooms), reply->more, effect.quiet});
}

// Nobody misses it if it fails.
asio::awaitable<void> App::tell_typing(TellTyping effect) {
  if (!link_.online()) co_return;
  proto::PeopleTyping tell;
  tell.room = effect.room;
  tell.on = effect.on;
  co_await link_.call(std::move(tell));
}

}  // namespace hubbub::tui
