// Tests of devices: what `status`, `doctor` and `setup` say of http://schoolgate.internal/test.
#include "config/text/vietnamese_tables.h"

namespace schoolgate {

namespace {

constexpr Translation said_of_devices[] = {
    // status
    {"device test  {}: passed {} ({})", "thử máy      {}: đạt {} ({})"},
    {"NOT PASSED   {}: not all of a device reached the filter, {}",
     "CHƯA ĐẠT     {}: không phải mọi thứ từ một máy đều tới bộ lọc, {}"},
    {"device test  in {} of {} rooms none in {}: open http://schoolgate.internal/test on a device there",
     "thử máy      {} trong {} phòng chưa thử trong {}: hãy mở http://schoolgate.internal/test trên một máy "
     "ở "
     "đó"},
    // doctor
    {"no device tried QUIC or DNS over TLS within a day",
     "trong một ngày không máy nào thử QUIC hay DNS qua TLS"},
    {"the firewall refused QUIC or DNS over TLS of {} devices within a day: {}",
     "trong một ngày tường lửa đã từ chối QUIC hoặc DNS qua TLS của {} máy: {}"},
    {"the log with the tests of devices cannot be read", "không đọc được nhật ký có các lần thử máy"},
    {"open http://schoolgate.internal/test on a pupil's device in each of them",
     "mở http://schoolgate.internal/test trên một máy của học sinh ở mỗi nơi đó"},
    {"open http://schoolgate.internal/test or http://{}/test on a pupil's device in each of them",
     "mở http://schoolgate.internal/test hoặc http://{}/test trên một máy của học sinh ở mỗi nơi đó"},
    {"not all of a device reached the filter, at its last test in: {}",
     "ở lần thử gần nhất, không phải mọi thứ từ máy đều tới bộ lọc, tại: {}"},
    {"no device was tested within {} in: {}", "trong {} chưa thử máy nào ở: {}"},
    {"in every room a device has passed the test", "phòng nào cũng có máy thử đạt"},
    // setup
    {"Then, on a pupil's device in each room: http://schoolgate.internal/test",
     "Sau đó, trên một máy của học sinh ở mỗi phòng: http://schoolgate.internal/test"},
};

}  // namespace

std::span<const Translation> vietnamese_of_devices() noexcept {
  return said_of_devices;
}

}  // namespace schoolgate
