#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "gateway/socket_parts.h"

namespace gateway {
namespace {

// What OpenSSL's own BIO of a socket does, but that a connection which is gone ends no program by SIGPIPE.
int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool may_be_tried_again() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int read_from_socket(BIO* bio, char* buffer, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(descriptor_of(bio), buffer, static_cast<std::size_t>(std::max(size, 0)), 0);
  if (count < 0 && may_be_tried_again()) {
    BIO_set_retry_read(bio);
  }
  if (count == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  }
  return static_cast<int>(count);
}

int write_to_socket(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(descriptor_of(bio), data, static_cast<std::size_t>(std::max(size, 0)), MSG_NOSIGNAL);
  if (count < 0 && may_be_tried_again()) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(count);
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gateway socket");
    if (method != nullptr) {
      BIO_meth_set_read(method, read_from_socket);
      BIO_meth_set_write(method, write_to_socket);
      BIO_meth_set_ctrl(method, control_socket);
    }
    return method;
  }();
  return kMethod;
}

}  // namespace

TlsStream::TlsStream(SSL_CTX* context, int descriptor, Side side, const std::string& server_name)
    : ssl_(SSL_new(context)) {
  BIO* const bio = socket_method() == nullptr ? nullptr : BIO_new(socket_method());
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ssl_.reset();
    return;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (side == Side::server) {
    SSL_set_accept_state(ssl_.get());
    return;
  }
  SSL_set_connect_state(ssl_.get());
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str()) != 1) {
    ERR_clear_error();
    std::string name = server_name;
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(rules, server_name.c_str(), server_name.size());
  }
}

TlsStream::Step TlsStream::step_of(int result, std::size_t bytes) const {
  if (result > 0) {
    return {State::done, bytes, {}};
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {State::waits, 0, {}};
    case SSL_ERROR_ZERO_RETURN:
      return {State::ended, 0, "the connection was closed"};
    default:
      break;
  }
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return {State::failed, 0,
          reason != nullptr ? std::string(reason)
          : errno != 0      ? std::generic_category().message(errno)
                            : "the connection was cut off"};
}

TlsStream::Step TlsStream::handshake() {
  if (ssl_ == nullptr) {
    return {State::failed, 0, "no memory for TLS"};
  }
  ERR_clear_error();
  errno = 0;
  Step step = step_of(SSL_do_handshake(ssl_.get()), 0);
  if (step.state == State::ended) {
    step.state = State::failed;
  }
  if (step.state == State::failed) {
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
      step.reason += std::string(": ") + X509_verify_cert_error_string(verified);
    }
  }
  return step;
}

TlsStream::Step TlsStream::read(char* buffer, std::size_t size) {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_read(ssl_.get(), buffer, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  return step_of(result, result > 0 ? static_cast<std::size_t>(result) : 0);
}

TlsStream::Step TlsStream::write(std::string_view data) {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_write(ssl_.get(), data.data(), static_cast<int>(std::min<std::size_t>(data.size(), INT_MAX)));
  return step_of(result, result > 0 ? static_cast<std::size_t>(result) : 0);
}

void TlsStream::close_notify() {
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

}  // namespace gateway
