package mnist.play;

/** A request that is refused, with the reason in one line. */
final class RequestException extends RuntimeException {
    private final int status;

    /** @param status of the HTTP response, as 400 */
    RequestException(int status, String reason) {
        super(reason);
        this.status = status;
    }

    int status() {
        return status;
    }
}
