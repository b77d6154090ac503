#include "app.hpp"

int main(int argc, char** argv) {
    return onceward::cli::run(argc, argv);
}
