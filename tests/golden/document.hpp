// The fenced blocks of docs/protocol.md:
//   ```wire client | hub [method]   one frame, as annotate() writes it
//   ```fields NAME                  the fields of a message, or of a method's arguments and reply
#pragma once

#include <string>
#include <vector>

namespace hubbub::golden {

struct Block {
  std::vector<std::string> words;  ///< after the fence: "wire", "hub", "room.open"
  std::string text;                ///< the lines between the fences
  std::size_t line = 0;            ///< of the opening fence, from 1
};

/// The blocks of docs/protocol.md whose first word is `kind`.
std::vector<Block> blocks(const std::string& kind);
/// The whole document.
std::string document();

}  // namespace hubbub::golden
