#include <fstream>
#include <map>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "admin/settings.hpp"
#include "support/temp_directory.hpp"

namespace onceward::cli {
namespace {

const std::string good_token = "0123456789abcdef0123456789abcdef";

class AdminSettings : public testing::Test {
protected:
    std::string file_with(const std::string& content) {
        const auto path = directory_.path() / "token";
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    static admin_settings with(const options::variables& environment) {
        return admin_settings_of(options::option_set(admin_rows()).resolve(environment));
    }

    /// Why the values are refused; empty when they are not.
    static std::string refusal_of(const options::variables& variables) {
        try {
            static_cast<void>(with(variables));
            return "";
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
    }

    test::temp_directory directory_;
};

TEST_F(AdminSettings, ListenOnlyForThisMachineByDefault) {
    const auto s = with({});

    ASSERT_TRUE(s.listen);
    EXPECT_EQ(s.listen->text(), "127.0.0.1:8717");
    EXPECT_FALSE(s.token);
}

TEST_F(AdminSettings, AreOffWhenAsked) {
    EXPECT_FALSE(with({{"ONCEWARD_ADMIN_LISTEN", "off"}}).listen);
}

TEST_F(AdminSettings, RefuseWhatIsNoAddress) {
    EXPECT_NE(refusal_of({{"ONCEWARD_ADMIN_LISTEN", "8717"}}).find("'8717' is no numeric address"),
              std::string::npos);
}

TEST_F(AdminSettings, ServeOtherMachinesOnlyWithAToken) {
    const options::variables open{{"ONCEWARD_ADMIN_LISTEN", "0.0.0.0:8717"}};
    EXPECT_NE(refusal_of(open).find("--admin-token-file"), std::string::npos);

    auto with_token = open;
    with_token["ONCEWARD_ADMIN_TOKEN_FILE"] = file_with(good_token);
    EXPECT_TRUE(with(with_token).token);
}

TEST_F(AdminSettings, RefuseATokenFileThatIsNone) {
    const auto refusal = [&](const std::string& content) {
        return refusal_of({{"ONCEWARD_ADMIN_TOKEN_FILE", file_with(content)}});
    };
    EXPECT_NE(refusal("").find("is empty"), std::string::npos);
    EXPECT_NE(refusal(good_token.substr(1) + "\n").find("at least 32 bytes"), std::string::npos);
    EXPECT_NE(refusal(std::string(2'000, 'x')).find("at most 1024 bytes"), std::string::npos);
    EXPECT_NE(refusal(good_token + "\n" + good_token).find("one printable word"),
              std::string::npos);
    EXPECT_NE(refusal_of({{"ONCEWARD_ADMIN_TOKEN_FILE", "/nonexistent/token"}}).find("cannot read"),
              std::string::npos);
    EXPECT_NE(refusal_of({{"ONCEWARD_ADMIN_TOKEN_FILE", "/"}}).find("no regular file"),
              std::string::npos);
}

TEST_F(AdminSettings, WarnOfATokenThatEverybodyMayRead) {
    const auto path = file_with(good_token);
    ::chmod(path.c_str(), 0644);
    EXPECT_NE(with({{"ONCEWARD_ADMIN_TOKEN_FILE", path}}).warning.find("chmod o-r"),
              std::string::npos);
    ::chmod(path.c_str(), 0600);
    EXPECT_EQ(with({{"ONCEWARD_ADMIN_TOKEN_FILE", path}}).warning, "");
}

TEST_F(AdminSettings, NeverShowTheToken) {
    const auto why =
        refusal_of({{"ONCEWARD_ADMIN_TOKEN_FILE", file_with("not quite a token, but a secret")}});
    EXPECT_EQ(why.find("secret"), std::string::npos) << why;
}

TEST_F(AdminSettings, AllowTheBearerOfTheTokenAndNobodyElse) {
    const auto token =
        with({{"ONCEWARD_ADMIN_TOKEN_FILE", file_with(good_token + "\r\n")}}).token.value();

    EXPECT_TRUE(token.allows("Bearer " + good_token));
    std::string almost = good_token;
    almost.back() = 'x';
    for (const auto& wrong :
         {std::string(), good_token, "bearer " + good_token, "Basic " + good_token,
          "Bearer  " + good_token, "Bearer " + good_token + " ", "Bearer " + good_token + "x",
          "Bearer " + good_token.substr(1), "Bearer " + almost, std::string("Bearer ")}) {
        EXPECT_FALSE(token.allows(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace onceward::cli
