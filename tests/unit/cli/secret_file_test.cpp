#include "options/secret_file.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_directory.hpp"

namespace onceward::options {
namespace {

class SecretFile : public testing::Test {
protected:
    /// A file with this content and these permissions.
    std::string file(const std::string& content, mode_t mode = 0600) {
        const auto path = files_.path() / "secret";
        std::ofstream(path) << content;
        ::chmod(path.c_str(), mode);
        return path;
    }
    static std::string refusal(const std::string& path, const variables& env = {}) {
        const auto read = read_secret(path, env);
        return read ? "accepted" : read.error().message;
    }

    test::temp_directory files_;
};

TEST_F(SecretFile, IsReadWithoutTheLinesEnd) {
    EXPECT_EQ(read_secret(file("s3cret\n"), {})->value, "s3cret");
    EXPECT_EQ(read_secret(file("s3cret\r\n"), {})->value, "s3cret");
    EXPECT_EQ(read_secret(file(" two\nlines "), {})->value, " two\nlines ");
}

TEST_F(SecretFile, IsFoundAmongSystemdsCredentials) {
    file("s3cret");

    EXPECT_EQ(read_secret("$CREDENTIALS_DIRECTORY/secret",
                          {{"CREDENTIALS_DIRECTORY", files_.path().string()}})
                  ->value,
              "s3cret");
    EXPECT_NE(refusal("$CREDENTIALS_DIRECTORY/secret").find("LoadCredential"), std::string::npos);
}

TEST_F(SecretFile, IsRefusedWhereItIsEmptyAbsentRelativeOrTooLarge) {
    EXPECT_NE(refusal(file("\n")).find("is empty"), std::string::npos);
    EXPECT_NE(refusal("/nonexistent/secret").find("No such file"), std::string::npos);
    EXPECT_NE(refusal("secret").find("absolute path"), std::string::npos);
    EXPECT_NE(refusal(file(std::string(100'000, 'x'))).find("larger than"), std::string::npos);
    EXPECT_NE(refusal(files_.path()).find("no regular file"), std::string::npos);
}

TEST_F(SecretFile, WarnsWhereEverybodyMayReadIt) {
    EXPECT_EQ(read_secret(file("s3cret", 0600), {})->warning, "");
    EXPECT_EQ(read_secret(file("s3cret", 0640), {})->warning, "");
    const auto open = read_secret(file("s3cret", 0644), {});
    EXPECT_NE(open->warning.find("chmod o-r"), std::string::npos);
    EXPECT_EQ(open->warning.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace onceward::options
