// Writes what isn't messages: a statement or a few for each kind of Change, and the replies of calls.
//   Change, KeptReply --> rows, in the transaction that the Writer has begun
#pragma once

#include "server/log/records.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

class ChangeWriter {
 public:
  explicit ChangeWriter(Database& database) : database_(database) {}

  Result<void> write(const Change& change);
  Result<void> write(const KeptReply& reply, std::int64_t id);
  /// Replies with a lower id are forgotten.
  Result<void> forget_replies_before(std::int64_t id) { return forget_replies_.run(id); }
  /// It isn't to be posted later any more. Nothing if it wasn't.
  Result<void> forget_later(LaterId id) { return forget_later_.run(id.value); }

 private:
  Result<void> on(const RoomMade& made);
  Result<void> on(const RoomOwned& owned);
  Result<void> on(const TopicSet& set);
  Result<void> on(const PersonMade& made);
  Result<void> on(const PersonRenamed& renamed);
  Result<void> on(const PersonForgotten& forgotten);
  Result<void> on(const MemberAdded& added);
  Result<void> on(const MemberRemoved& removed);
  Result<void> on(const CursorMoved& moved);
  Result<void> on(const CursorForgotten& forgotten);
  Result<void> on(const ProducerRegistered& registered);
  Result<void> on(const ProducerForgotten& forgotten);
  Result<void> on(const CallGiven& given);
  Result<void> on(const CallAnswered& answered);
  Result<void> on(const GroupMoved& moved);
  Result<void> on(const GroupForgotten& forgotten);
  Result<void> on(const LaterAdded& added);
  Result<void> on(const LaterRemoved& removed) { return forget_later(removed.id); }
  Result<void> forget(std::string_view name);

  Database& database_;
  Statement make_room_{database_, "INSERT INTO rooms(id, key) VALUES(?1, ?2)"};
  Statement set_owner_{database_, "UPDATE rooms SET owner = ?2 WHERE id = ?1"};
  Statement set_topic_{database_, "UPDATE rooms SET topic = ?2, topic_by = ?3, topic_at = ?4 WHERE id = ?1"};
  Statement make_person_{database_, "INSERT INTO people(name, owner, uid, verified) VALUES(?1, ?2, ?3, ?4)"};
  Statement same_person_{database_, "UPDATE people SET verified = ?4 WHERE name = ?1 AND owner IS ?2 AND uid IS ?3"};
  Statement hand_rooms_over_{database_, "UPDATE rooms SET owner = ?2 WHERE owner = ?1"};
  Statement rename_person_{database_, "UPDATE people SET name = ?2 WHERE name = ?1"};
  Statement forget_members_{database_, "DELETE FROM members WHERE person = (SELECT id FROM people WHERE name = ?1)"};
  Statement forget_cursors_{database_, "DELETE FROM cursors WHERE person = (SELECT id FROM people WHERE name = ?1)"};
  Statement forget_person_{database_, "DELETE FROM people WHERE name = ?1"};
  Statement add_member_{database_,
                        "INSERT OR IGNORE INTO members(room, person) SELECT ?1, id FROM people WHERE name = ?2"};
  Statement remove_member_{database_,
                           "DELETE FROM members WHERE room = ?1 AND person = (SELECT id FROM people WHERE name = ?2)"};
  Statement move_cursor_{database_,
                         "INSERT OR REPLACE INTO cursors(room, person, consumer, seq, moved_at) "
                         "SELECT ?1, id, ?3, ?4, ?5 FROM people WHERE name = ?2"};
  Statement forget_cursor_{
      database_,
      "DELETE FROM cursors WHERE room = ?1 AND person = (SELECT id FROM people WHERE name = ?2) AND consumer = ?3"};
  Statement register_{database_,
                      "INSERT OR REPLACE INTO registrations(client, owner, uid, epoch) VALUES(?1, ?2, ?3, ?4)"};
  Statement forget_registration_{database_, "DELETE FROM registrations WHERE client = ?1"};
  Statement note_forgotten_epoch_{database_, "INSERT OR REPLACE INTO meta(key, value) VALUES('forgotten_epoch', ?1)"};
  Statement give_call_{database_,
                       "INSERT INTO exact_calls(client, call, question, method, person, verified, given_at, arguments) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement answer_call_{database_,
                         "UPDATE exact_calls SET status = ?3, result = ?4, arguments = x'' "
                         "WHERE client = ?1 AND call = ?2 AND status IS NULL"};
  Statement move_group_{database_,
                        "INSERT OR REPLACE INTO queue_groups(room, name, next, state) VALUES(?1, ?2, ?3, ?4)"};
  Statement forget_group_{database_, "DELETE FROM queue_groups WHERE room = ?1 AND name = ?2"};
  Statement add_reply_{
      database_, "INSERT INTO replies(id, client, call, question, status, result) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
  Statement forget_replies_{database_, "DELETE FROM replies WHERE id < ?1"};
  Statement add_later_{database_,
                       "INSERT INTO later(id, at, room, owner, uid, person, verified, kind, flags, headers, body) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
  Statement forget_later_{database_, "DELETE FROM later WHERE id = ?1"};
};

}  // namespace hubbub::server::sqlite
