#include "server/fanout/fanout.hpp"

#include <algorithm>
#include <utility>

#include "server/core/core.hpp"

namespace hubbub::server {

// ── beginning and ending ─────────────────────────────────────────────────────────────────────────────────────────────

void Fanout::attach(Session& session, const RoomToAttach& wanted, std::function<void()> done) {
  auto [place, added] = session.attachments().try_emplace(wanted.id.value);
  if (!added) return done();
  auto& attachment = place->second;
  attachment.session = &session;
  attachment.room = wanted.id;
  attachment.attempt = ++attempts_;
  if (!wanted.wish.group.empty()) attachment.group = std::make_unique<GroupName>(wanted.wish.group);
  core_.at_home(wanted.id, [wanted, attempt = attachment.attempt, done = std::move(done)](Room& room, Core& home) {
    room.attach(wanted.wish, [wanted, attempt, done, &home](const AttachAnswer& answer) {
      home.on_core(wanted.wish.session.core, [wanted, attempt, answer, done](Core& core) {
        core.fanout().attached(wanted, attempt, answer);
        done();
      });
    });
    if (!wanted.wish.group.empty()) room.set_ready(wanted.wish.session, wanted.wish.group, true);
  });
}

/// The session may have gone meanwhile, or changed its mind, even twice: the home knows that already by leave().
void Fanout::attached(const RoomToAttach& wanted, std::uint64_t attempt, const AttachAnswer& answer) {
  auto* const session = core_.find(wanted.wish.session);
  auto* const attachment = session == nullptr ? nullptr : session->find_attachment(wanted.id);
  if (attachment == nullptr || attachment->attempt != attempt) return;
  attachment->next = answer.next;
  attachment->state = Attachment::State::live;
  session->tell(proto::Attached{wanted.id, wanted.name, wanted.wish.group, answer.next, answer.last, answer.durable});
  if (answer.retained.chunk) session->tell_shared(answer.retained);
  if (attachment->group) return;
  if (by_room_.size() <= wanted.id.value) by_room_.resize(wanted.id.value + 1);
  auto& list = by_room_[wanted.id.value];
  attachment->place = static_cast<std::uint32_t>(list.size());
  list.push_back(attachment);
  if (attachment->next <= answer.last) mark_behind(*attachment);
}

void Fanout::detach(Session& session, RoomId room) {
  auto* const attachment = session.find_attachment(room);
  if (attachment == nullptr) return;
  const auto returned = drop_queued(session, room);
  leave(*attachment, false);
  session.attachments().erase(room.value);
  session.tell(proto::Detached{room});
  give_back(returned);
}

void Fanout::detach_all(Session& session, bool is_lost) {
  if (is_lost) session.outbox().take_back_begun();
  const auto returned = drop_queued(session, {});
  for (auto& [id, attachment] : session.attachments()) leave(attachment, !session.leaves_in_order());
  session.attachments().clear();
  give_back(returned);
}

/// Out of its room's list, here and at home. `is_lost`: with what a queue group has handed it.
void Fanout::leave(Attachment& attachment, bool is_lost) {
  const auto group = attachment.group ? *attachment.group : GroupName{};
  core_.at_home(attachment.room,
                [session = attachment.session->ref(), group, leaving = Leaving{is_lost, attachment.session->worker()}](
                    Room& room, Core&) { room.detach(session, group, leaving); });
  attachment.session->forget_handed(attachment.room);
  if (attachment.group || attachment.state == Attachment::State::attaching) return;  // not in the list
  auto& list = by_room_[attachment.room.value];
  list.back()->place = attachment.place;
  list[attachment.place] = list.back();
  list.pop_back();
}

/// Drops what waits in the session's outbox, of one room or (zero) of all. Readers will read it again; what queue
/// groups had given is returned, to be given back once their rooms know that this session takes no more.
std::vector<Fanout::Returned> Fanout::drop_queued(Session& session, RoomId only, bool spare_first) {
  std::vector<Returned> returned;
  session.outbox().drop_deliveries([&](const Slice& slice) {
    if (only.value != 0 && slice.room != only) return false;
    if (std::exchange(spare_first, false)) return false;
    auto* const attachment = session.find_attachment(slice.room);
    if (attachment == nullptr) return true;
    if (attachment->group) {
      returned.push_back({slice.room, *attachment->group, slice.first, slice.last});
    } else {
      attachment->next = std::min(attachment->next, slice.first);
      if (attachment->state == Attachment::State::live) mark_behind(*attachment);
    }
    return true;
  });
  return returned;
}

void Fanout::give_back(const std::vector<Returned>& returned) {
  for (const auto& back : returned)
    core_.at_home(back.room, [back](Room& room, Core&) { room.give_back(back.group, back.first, back.last); });
}

// ── the way of a message ─────────────────────────────────────────────────────────────────────────────────────────────

void Fanout::deliver(const Slice& slice) {
  if (slice.room.value >= by_room_.size()) return;
  // By index: a session that falls behind is told at once, but nobody leaves the list meanwhile.
  for (auto* const attachment : by_room_[slice.room.value]) {
    if (attachment->state != Attachment::State::live) continue;
    if (attachment->next == slice.first)
      hand(*attachment, slice);
    else if (attachment->next < slice.first)
      mark_behind(*attachment);
    else if (attachment->next <= slice.last)
      hand(*attachment, slice.part(attachment->next, slice.last, SIZE_MAX));
  }
}

void Fanout::hand(Attachment& attachment, const Slice& slice) {
  attachment.next = slice.last.next();
  count(core_.figures().delivered, slice.messages());
  if (attachment.session->deliver(slice)) return;
  if (attachment.group) {
    set_ready(attachment, false);
    return give_back({{slice.room, *attachment.group, slice.first, slice.last}});
  }
  attachment.next = slice.first;
  mark_behind(attachment);
}

void Fanout::deliver_to(SessionRef ref, const GroupName& group, const Slice& slice) {
  auto* const session = core_.find(ref);
  auto* const attachment = session == nullptr ? nullptr : session->find_attachment(slice.room);
  const bool is_member = attachment != nullptr && attachment->state == Attachment::State::live && attachment->group &&
                         *attachment->group == group;
  if (!is_member) return give_back({{slice.room, group, slice.first, slice.last}});
  hand(*attachment, slice);
  if (session->is_slow()) set_ready(*attachment, false);
}

/// Where the session is no member any more, or another time, its room knows already that it hasn't got this.
void Fanout::hand_to(const Handing& handing) {
  auto* const session = core_.find(handing.session);
  auto* const attachment = session == nullptr ? nullptr : session->find_attachment(handing.room);
  const bool is_member = attachment != nullptr && attachment->state == Attachment::State::live && attachment->group &&
                         *attachment->group == handing.group;
  if (!is_member) return;
  if (!session->is_slow()) {
    count(core_.figures().delivered, 1);
    session->hand(handing);
    if (session->is_slow()) set_ready(*attachment, false);
    return;
  }
  set_ready(*attachment, false);
  core_.at_home(handing.room, [session = handing.session, group = handing.group, seq = handing.seq](Room& room, Core&) {
    room.acked().give_back(session, group, seq);
  });
}

void Fanout::head_moved(RoomId room, Seq last) {
  if (room.value >= by_room_.size()) return;
  for (auto* const attachment : by_room_[room.value])
    if (attachment->state == Attachment::State::live && attachment->next <= last) mark_behind(*attachment);
}

void Fanout::set_ready(Attachment& attachment, bool ready) {
  if (attachment.ready == ready) return;
  attachment.ready = ready;
  if (!ready) attachment.session->note_behind(attachment.room);
  core_.at_home(attachment.room, [session = attachment.session->ref(), group = *attachment.group, ready](
                                     Room& room, Core&) { room.set_ready(session, group, ready); });
}

// ── those who are behind ─────────────────────────────────────────────────────────────────────────────────────────────

void Fanout::mark_behind(Attachment& attachment) {
  attachment.state = Attachment::State::behind;
  attachment.session->note_behind(attachment.room);
}

void Fanout::fall_behind(Session& session) {
  // One slice alone may pin more than the bound: were it dropped, it would be read and dropped again for ever.
  session.behind().pushed_out = true;
  const auto returned = drop_queued(session, {}, true);
  for (const auto& back : returned) set_ready(*session.find_attachment(back.room), false);
  give_back(returned);
}

/// One room after the other, while there is place in the outbox: were all of them read at once, their slices would push
/// each other out again.
void Fanout::drained(Session& session) {
  auto& behind = session.behind();
  behind.pushed_out = false;
  while (!behind.rooms.empty() && !behind.reading && !behind.pushed_out && !session.is_slow()) {
    auto* const attachment = session.find_attachment(behind.rooms.front());
    behind.rooms.pop_front();
    if (attachment == nullptr) continue;
    if (attachment->group)
      set_ready(*attachment, true);
    else if (attachment->state == Attachment::State::behind)
      read_on(*attachment);
  }
}

void Fanout::read_on(Attachment& attachment) {
  attachment.state = Attachment::State::reading;
  attachment.session->behind().reading = true;
  const auto ref = attachment.session->ref();
  const auto bytes_max = core_.config().limits.queued_bytes / 4;
  core_.at_home(attachment.room,
                [ref, id = attachment.room, from = attachment.next, bytes_max](Room& room, Core& home) {
                  room.read(from, bytes_max, [ref, id, &home](CatchUp caught) {
                    home.on_session(ref, [id, caught = std::move(caught)](Session& session) {
                      session.core().fanout().caught_up(session, id, caught);
                    });
                  });
                });
}

void Fanout::caught_up(Session& session, RoomId room, const CatchUp& caught) {
  session.behind().reading = false;
  session.want_flush();  // and then on to the next
  auto* const found = session.find_attachment(room);
  if (found == nullptr || found->state != Attachment::State::reading) return;
  auto& attachment = *found;
  attachment.state = Attachment::State::live;
  if (caught.error) return session.close(proto::CloseReason::log_unreadable, caught.error->sentence);
  if (caught.lost_first.value != 0 && caught.lost_first == attachment.next) {
    session.tell(proto::Lost{room, caught.lost_first, caught.lost_last});
    attachment.next = caught.lost_last.next();
  }
  for (const auto& slice : caught.slices)
    if (slice.first == attachment.next) hand(attachment, slice);
  if (attachment.state == Attachment::State::live && attachment.next <= caught.last) mark_behind(attachment);
}

}  // namespace hubbub::server
