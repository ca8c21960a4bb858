// Frames in, events out.
#include <algorithm>
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// What may wait for next() before the Link stops reading.
constexpr std::size_t inbox_bytes_max = 1u << 20;
/// The same while the hub owes an answer: whoever waits for that may be the one who would call next() after it.
constexpr std::size_t inbox_bytes_max_while_owed = 64u << 20;

Message to_message(const RoomName& room, proto::Delivery&& delivery) {
  Message message;
  message.room = room;
  message.seq = delivery.seq;
  message.time = delivery.time;
  message.from = std::move(delivery.from);
  message.verified = (delivery.flags & proto::flags::verified) != 0;
  message.retain = (delivery.flags & proto::flags::retain) != 0;
  message.traced = (delivery.flags & proto::flags::traced) != 0;
  message.by_hub = (delivery.flags & proto::flags::by_hub) != 0;
  message.marked = (delivery.flags & proto::flags::marked) != 0;
  message.erased = (delivery.flags & proto::flags::erased) != 0;
  message.kind = delivery.kind;
  message.headers = std::move(delivery.headers);
  message.body = delivery.body.bytes;
  return message;
}

bool is_inside_of_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// As much of it as a Text holds; nothing of what isn't UTF-8.
std::string_view beginning_of(std::string_view text) {
  auto end = std::min(text.size(), limits::text_bytes_max);
  while (end < text.size() && end > 0 && is_inside_of_a_character(text[end])) --end;
  text = text.substr(0, end);
  return is_utf8(text) ? text : std::string_view();
}
std::string_view end_of(std::string_view text) {
  auto begin = text.size() - std::min(text.size(), limits::text_bytes_max);
  while (begin < text.size() && begin > 0 && is_inside_of_a_character(text[begin])) ++begin;
  text = text.substr(begin);
  return is_utf8(text) ? text : std::string_view();
}

}  // namespace

std::optional<Message> decode_message(const RoomName& room, std::string_view delivery_payload) {
  auto delivery = proto::decode_value<proto::Delivery>(delivery_payload);
  if (!delivery) return std::nullopt;
  return to_message(room, *std::move(delivery));
}

void Link::Impl::received(const proto::Frame& frame) {
  if (frame.type == proto::Delivery::type && online()) return received_delivery(frame);
  const auto message = proto::decode_from_hub(frame);
  if (!message && message.error() == proto::DecodeError::unknown_type && online()) return;  // a newer hub's
  if (!message) return refuse_hub("a message could not be understood");
  const bool greets = std::holds_alternative<proto::Welcome>(*message);
  if (state_ == State::greeting && !greets && !std::holds_alternative<proto::Closing>(*message))
    return refuse_hub("it did not welcome this client first");
  std::visit([this](const auto& known) { on(known); }, *message);
}

/// What talks like this is no hub, or one with a fault; the connection can't be trusted any further.
void Link::Impl::refuse_hub(std::string_view what) {
  lost({Status::internal, "what came is not the hubbub protocol: " + std::string(what)});
}

void Link::Impl::on(const proto::Welcome& message) {
  if (state_ != State::greeting) return refuse_hub("it welcomed this client twice");
  welcomed(message);
}

void Link::Impl::received_delivery(const proto::Frame& frame) {
  auto delivery = proto::decode_value<proto::Delivery>(frame.payload);
  if (!delivery) return refuse_hub("a message of a room could not be understood");
  auto [room, gap] = cursors_.deliver(delivery->room, delivery->seq);
  if (room == nullptr) return;
  push_gap(std::move(gap));
  auto message = to_message(room->name, *std::move(delivery));
  message.grouped = !room->group.empty();
  if (message.traced) add_stamp(message.headers, stamp(Stamp::Side::received));
  push(std::move(message));
}

void Link::Impl::on(const proto::Retained& message) {
  auto delivery = proto::decode_value<proto::Delivery>(message.delivery.bytes);
  if (!delivery) return refuse_hub("a retained message could not be understood");
  const auto* room = cursors_.find(delivery->room);
  if (room == nullptr) return;
  auto retained = to_message(room->name, *std::move(delivery));
  retained.retained = true;
  push(std::move(retained));
}

void Link::Impl::on(const proto::Handed& handed) {
  auto delivery = proto::decode_value<proto::Delivery>(handed.delivery.bytes);
  if (!delivery) return refuse_hub("a message of a queue group could not be understood");
  const auto id = delivery->room;
  const auto* const room = cursors_.deliver(id, delivery->seq).room;
  if (room == nullptr) return;
  auto message = to_message(room->name, *std::move(delivery));
  message.grouped = true;
  message.attempt = std::max<std::uint16_t>(1, handed.attempt);
  message.attempts_max = handed.attempts_max;
  auto& unsettled = handed_[message.room];
  unsettled[message.seq] = {id, message.time};
  if (unsettled.size() > at_once_asked_)
    return refuse_hub("more messages of a queue group came at once than were asked for");
  if (message.traced) add_stamp(message.headers, stamp(Stamp::Side::received));
  push(std::move(message));
}

bool Link::Impl::settle(const Message& message, proto::Verdict verdict, std::string_view reason,
                        std::string_view detail) {
  const auto room = handed_.find(message.room);
  if (room == handed_.end()) return false;
  const auto found = room->second.find(message.seq);
  if (found == room->second.end() || found->second.time != message.time) return false;
  send(proto::Settle{found->second.room, message.seq, verdict, Text::literal(beginning_of(reason)),
                     Text::literal(end_of(detail))});
  room->second.erase(found);
  return true;
}

void Link::Impl::on(const proto::Attached& message) {
  auto gap = cursors_.attach(message);
  push(RoomAttached{message.name, cursors_.find(message.room)->next, message.last, message.durable});
  push_gap(std::move(gap));
}

void Link::Impl::on(const proto::Detached& message) {
  if (const auto* const room = cursors_.find(message.room)) handed_.erase(room->name);
  cursors_.detach(message.room);
}

void Link::Impl::on(const proto::Lost& message) { push_gap(cursors_.lose(message)); }

void Link::Impl::on(const proto::Event& message) {
  if (const auto before = PersonName::parse(message.text.str()); message.kind == proto::EventKind::renamed && before) {
    const auto from = RoomName::literal('@' + before->str()), to = RoomName::literal('@' + message.person.name.str());
    cursors_.rename(from, to);
    publishing_.rename(from, to);
    send_publishes_soon();
  }
  const auto* room = cursors_.find(message.room);
  if (room == nullptr && message.room != RoomId{}) return;  // of a room that was detached in the meantime
  push(Presence{room == nullptr ? RoomName{} : room->name, message});
}

void Link::Impl::on(const proto::Reply& message) { calls_.answer(message); }

// ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Link::Impl::push(Incoming event) {
  if (inbox_.empty()) arrived_.all();
  inbox_.push(std::move(event));
}

void Link::Impl::push_gap(std::optional<Gap> gap) {
  if (gap) push(*std::move(gap));
}

bool Link::Impl::may_read() {
  const bool owed = !calls_.empty() || publishing_.count() > 0 || !online();
  return inbox_.bytes() < (owed ? inbox_bytes_max_while_owed : inbox_bytes_max);
}

/// Something is owed since reading was paused: the answer may lie behind what nobody takes.
void Link::Impl::read_for_answer() {
  if (connection_ && !connection_->reading()) connection_->go_on_reading();
}

std::optional<Incoming> Link::Impl::try_next() {
  auto event = inbox_.take();
  if (!event && ended_) return Closed{*ended_};
  if (connection_ && !connection_->reading() && inbox_.bytes() <= inbox_bytes_max / 2) connection_->go_on_reading();
  return event;
}

asio::awaitable<Incoming> Link::Impl::next(Self self) {
  while (true) {
    if (auto event = self->try_next()) co_return *std::move(event);
    const bool woken = co_await self->arrived_.wait();
    if (!woken) throw std::system_error(asio::error::make_error_code(asio::error::operation_aborted));
  }
}

}  // namespace hubbub::link
