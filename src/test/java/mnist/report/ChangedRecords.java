package mnist.report;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of which each has the records of short runs, to give them other numbers and to read the page of these. */
abstract class ChangedRecords {
    Records records;

    @BeforeEach
    void copyTheRecordedRuns(@TempDir Path folder) throws IOException {
        records = new Records(folder);
    }
}
