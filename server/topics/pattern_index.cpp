#include "server/topics/pattern_index.hpp"

#include <algorithm>

namespace hubbub::server {

namespace {

/// A name's first token, and what follows it; the rest is empty after the last one (names have no empty tokens).
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {name, {}};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

void PatternIndex::add(const Pattern& pattern, Subscriber who) {
  Node* node = &root_;
  for (std::string_view rest = pattern.str(); !rest.empty();) {
    const auto [token, after] = split(rest);
    auto& child = node->children[std::string(token)];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
    rest = after;
  }
  node->here.push_back(std::move(who));
  ++size_;
}

void PatternIndex::remove(const Pattern& pattern, SessionRef session) {
  if (remove_below(root_, pattern.str(), session)) --size_;
}

bool PatternIndex::remove_below(Node& node, std::string_view rest, SessionRef session) {
  if (rest.empty()) {
    const auto found = std::ranges::find(node.here, session, &Subscriber::session);
    if (found == node.here.end()) return false;
    node.here.erase(found);
    return true;
  }
  const auto [token, after] = split(rest);
  const auto child = node.children.find(token);
  if (child == node.children.end() || !remove_below(*child->second, after, session)) return false;
  if (child->second->unused()) node.children.erase(child);
  return true;
}

void PatternIndex::match(const RoomName& room, const std::function<void(const Subscriber&)>& each) const {
  match_below(root_, room.str(), each);
}

void PatternIndex::match_below(const Node& node, std::string_view rest,
                               const std::function<void(const Subscriber&)>& each) {
  if (rest.empty()) {
    std::ranges::for_each(node.here, each);
    return;
  }
  const auto [token, after] = split(rest);
  for (const auto wanted : {token, std::string_view("*")})
    if (const auto child = node.children.find(wanted); child != node.children.end())
      match_below(*child->second, after, each);
  if (const auto child = node.children.find(">"); child != node.children.end())
    std::ranges::for_each(child->second->here, each);
}

}  // namespace hubbub::server
