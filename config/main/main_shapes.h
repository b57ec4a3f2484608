// What schoolgate.yaml and the files of lists.d may hold (config/text/shape.h).
#pragma once

#include "config/text/shape.h"

namespace schoolgate {

extern const Shape main_shape, school_shape, safeguarding_shape, listen_shape, transparent_shape,
    listener_shape, admin_shape, admin_tls_shape, who_shape, log_shape, timeouts_shape, limits_shape,
    upstream_shape, https_shape, never_inspect_shape, exception_shape, alerts_shape, mail_shape, pac_shape,
    gateway_shape, hole_shape;
extern const Shape list_file_shape, list_shape, update_shape;

}  // namespace schoolgate
