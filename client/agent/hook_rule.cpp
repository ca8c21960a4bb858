#include "client/agent/hook_rule.hpp"

#include "client/link/amendments.hpp"
#include "common/mention.hpp"

namespace hubbub::agent {

bool applies(const HookRule& rule, const link::Message& message, const PersonName& self) {
  if (message.erased || link::amendment_of(message)) return false;
  if (rule.rooms && !matches(*rule.rooms, message.room)) return false;
  const bool own = message.from == self;
  const bool to_people = message.kind == proto::Kind::text || message.kind == proto::Kind::action;
  switch (rule.on) {
    case HookOn::mention: return !own && to_people && mentions(message.body, self.str());
    case HookOn::direct: return !own && is_direct(message.room);
    case HookOn::message: return !own || message.kind != proto::Kind::notice;
  }
  return false;
}

}  // namespace hubbub::agent
