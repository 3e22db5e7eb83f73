#include "callosum/core/error.h"
#include "callosum/data/images.h"
#include "callosum/data/table.h"

namespace callosum::data {

namespace {

/// Names of an alphabet's characters, "Greek/character03", in the order of their classes.
std::vector<std::string> characters(const std::filesystem::path& path) {
  const Table table = read_table(path);
  const auto alphabets = table.texts("alphabet"), names = table.texts("character");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < names.size(); ++i) out.push_back(alphabets[i] + "/" + names[i]);
  return out;
}

/// Small1 trains and small2 tests; classes of small2 are numbered on from those of small1.
void load_omniglot(ImageSet& out) {
  const auto read = [&](const std::string& part) {
    const auto names = characters(out.source.file(part + "-classes.csv"));
    Images images = read_images(out.source.file(part + "-images"),
                                out.source.file(part + "-classes-idx1"), names.size());
    for (std::int32_t& label : images.labels)
      label += static_cast<std::int32_t>(out.classes.size());
    out.classes.insert(out.classes.end(), names.begin(), names.end());
    return images;
  };
  out.train = read("small1");
  out.test = read("small2");
}

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
  if (name == "omniglot-small") {
    load_omniglot(out);
    return out;
  }
  if (name == "photographs") {
    out.classes = {"astronaut", "brick", "coffee", "gravel", "camera", "chelsea", "grass"};
    out.train = read("train-images", "train-labels");
    out.test = read("test-images", "test-labels");
    return out;
  }
  ErrorDetail detail;
  detail.where = "data set '" + std::string(name) + "'";
  detail.what = "it is not made of images";
  detail.got = where.set->kind;
  detail.expected = "mnist, fashion-mnist, omniglot-small or photographs";
  throw UnsupportedError(std::move(detail));
}

}  // namespace

ImageSet load_images(std::string_view name, Need need) { return load(locate(name, need)); }

ImageSet load_images(std::initializer_list<std::string_view> names, Need need) {
  return load(locate_first({names.begin(), names.size()}, need));
}

}  // namespace callosum::data
