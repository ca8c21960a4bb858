// A name server that never answers, for a program that this is preloaded into.
#include <netdb.h>
#include <unistd.h>

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  while (true) ::pause();
}
