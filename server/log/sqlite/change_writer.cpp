#include "server/log/sqlite/change_writer.hpp"

#include "server/log/sqlite/owner_columns.hpp"

namespace hubbub::server::sqlite {

Result<void> ChangeWriter::write(const Change& change) {
  return std::visit([this](const auto& kind) { return on(kind); }, change);
}

Result<void> ChangeWriter::write(const KeptReply& reply, std::int64_t id) {
  return add_reply_.run(id, reply.client, reply.call, reply.question, static_cast<std::uint32_t>(reply.status),
                        Blob{reply.result});
}

Result<void> ChangeWriter::on(const RoomMade& made) { return make_room_.run(made.id, made.key); }

Result<void> ChangeWriter::on(const RoomOwned& owned) { return set_owner_.run(owned.room, owned.person); }

Result<void> ChangeWriter::on(const TopicSet& set) { return set_topic_.run(set.room, set.topic, set.by, set.at); }

Result<void> ChangeWriter::on(const PersonMade& made) {
  return with_owner(made.owner, [&](auto owner, auto uid) -> Result<void> {
    const std::int64_t verified = made.verified ? 1 : 0;
    if (auto same = same_person_.run(made.name, owner, uid, verified); !same) return same;
    if (database_.changes() > 0) return {};
    if (auto forgotten = forget(made.name); !forgotten) return forgotten;
    return make_person_.run(made.name, owner, uid, verified);
  });
}

Result<void> ChangeWriter::on(const PersonRenamed& renamed) {
  if (renamed.from == renamed.to) return {};
  if (auto forgotten = forget(renamed.to); !forgotten) return forgotten;
  if (auto handed = hand_rooms_over_.run(renamed.from, renamed.to); !handed) return handed;
  return rename_person_.run(renamed.from, renamed.to);
}

Result<void> ChangeWriter::on(const PersonForgotten& forgotten) { return forget(forgotten.name); }

Result<void> ChangeWriter::on(const MemberAdded& added) { return add_member_.run(added.room, added.person); }

Result<void> ChangeWriter::on(const MemberRemoved& removed) { return remove_member_.run(removed.room, removed.person); }

Result<void> ChangeWriter::on(const CursorMoved& moved) {
  return move_cursor_.run(moved.room, moved.person, moved.consumer, moved.seq, moved.at);
}

Result<void> ChangeWriter::on(const CursorForgotten& forgotten) {
  return forget_cursor_.run(forgotten.room, forgotten.person, forgotten.consumer);
}

Result<void> ChangeWriter::on(const ProducerRegistered& registered) {
  return with_owner(registered.owner, [&](auto owner, auto uid) {
    return register_.run(registered.client, owner, uid, registered.epoch);
  });
}

Result<void> ChangeWriter::on(const ProducerForgotten& forgotten) {
  if (auto gone = forget_registration_.run(forgotten.client); !gone) return gone;
  return note_forgotten_epoch_.run(forgotten.epoch);
}

Result<void> ChangeWriter::on(const CallGiven& given) {
  const std::int64_t verified = given.verified ? 1 : 0;
  return give_call_.run(given.client, given.call, given.question, given.method.str(), given.person.str(), verified,
                        given.at, Blob{given.arguments});
}

Result<void> ChangeWriter::on(const CallAnswered& answered) {
  return answer_call_.run(answered.client, answered.call, static_cast<std::uint32_t>(answered.status),
                          Blob{answered.result});
}

Result<void> ChangeWriter::on(const GroupMoved& moved) {
  return move_group_.run(moved.room, moved.name, moved.next, Blob{moved.state});
}

Result<void> ChangeWriter::on(const GroupForgotten& forgotten) {
  return forget_group_.run(forgotten.room, forgotten.name);
}

Result<void> ChangeWriter::on(const LaterAdded& added) {
  return with_owner(added.owner, [&](auto owner, auto uid) {
    return add_later_.run(added.id.value, added.at, added.room, owner, uid, added.from, std::int64_t{added.verified},
                          std::int64_t{added.kind}, std::int64_t{added.flags}, Blob{added.headers}, Blob{added.body});
  });
}

Result<void> ChangeWriter::forget(std::string_view name) {
  if (auto members = forget_members_.run(name); !members) return members;
  if (auto cursors = forget_cursors_.run(name); !cursors) return cursors;
  if (auto left = hand_rooms_over_.run(name, ""); !left) return left;
  return forget_person_.run(name);
}

}  // namespace hubbub::server::sqlite
