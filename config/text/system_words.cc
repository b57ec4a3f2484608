#include "config/text/system_words.h"

#include <cerrno>
#include <cstring>

namespace schoolgate {

Message system_words(int error) {
  switch (error) {
    case EPERM:
      return say("Operation not permitted");
    case ENOENT:
      return say("No such file or directory");
    case EINTR:
      return say("Interrupted system call");
    case EIO:
      return say("Input/output error");
    case EAGAIN:
      return say("Resource temporarily unavailable");
    case ENOMEM:
      return say("Cannot allocate memory");
    case EACCES:
      return say("Permission denied");
    case EBUSY:
      return say("Device or resource busy");
    case EEXIST:
      return say("File exists");
    case EXDEV:
      return say("Invalid cross-device link");
    case ENOTDIR:
      return say("Not a directory");
    case EISDIR:
      return say("Is a directory");
    case EINVAL:
      return say("Invalid argument");
    case ENFILE:
      return say("Too many open files in system");
    case EMFILE:
      return say("Too many open files");
    case EFBIG:
      return say("File too large");
    case ENOSPC:
      return say("No space left on device");
    case EROFS:
      return say("Read-only file system");
    case ENAMETOOLONG:
      return say("File name too long");
    case ENOTEMPTY:
      return say("Directory not empty");
    case ELOOP:
      return say("Too many levels of symbolic links");
    case EDQUOT:
      return say("Disk quota exceeded");
    case EADDRINUSE:
      return say("Address already in use");
    case EADDRNOTAVAIL:
      return say("Cannot assign requested address");
    case ECONNREFUSED:
      return say("Connection refused");
    case ETIMEDOUT:
      return say("Connection timed out");
    default:
      return Message::foreign(std::strerror(error));
  }
}

Message system_words(const std::error_code& error) {
  if (error.category() == std::generic_category() || error.category() == std::system_category())
    return system_words(error.value());
  return Message::foreign(error.message());
}

}  // namespace schoolgate
