package libtorch;

/** The values of {@code --device}, spelled as the user types them. */
public enum DeviceChoice {
    auto,
    cpu,
    cuda
}
