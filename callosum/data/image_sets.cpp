#include "callosum/core/error.h"
#include "callosum/data/images.h"

namespace callosum::data {

namespace {

ImageSet load(const Location& where) {
  ImageSet out;
  out.source = where;
  const std::string_view name = where.set->name;
  const auto read = [&](const char* images, const char* labels) {
    return read_images(where.file(images), where.file(labels), out.classes.size());
  };
  if (name == "mnist" || name == "fashion-mnist") {
    if (name == "mnist")
      out.classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    else
      out.classes = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                     "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
    const bool other_split = where.edition->name == "kaggle-split";
    out.train = read("train-images", "train-labels");
    out.test =
        other_split ? read("test-images", "test-labels") : read("t10k-images", "t10k-labels");
    return out;
  }
  ErrorDetail detail;
  detail.where = "data set '" + std::string(name) + "'";
  detail.what = "it is not made of images";
  detail.got = where.set->kind;
  detail.expected = "mnist or fashion-mnist";
  throw UnsupportedError(std::move(detail));
}

}  // namespace

ImageSet load_images(std::string_view name, Need need) { return load(locate(name, need)); }

ImageSet load_images(std::initializer_list<std::string_view> names, Need need) {
  return load(locate_first({names.begin(), names.size()}, need));
}

}  // namespace callosum::data
