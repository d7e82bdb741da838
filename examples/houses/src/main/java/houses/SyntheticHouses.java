package houses;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * Writes synthetic houses: random features, and heating loads from a formula with noise. The file depends only on the
 * number of houses and the seed.
 */
final class SyntheticHouses {
    /** The noise's standard deviation in kW: no model's error on new houses can be much smaller. */
    static final double NOISE = 0.2;

    private static final String HEADER = "floor_area_m2,window_area_m2,wall_u_w_m2k,window_u_w_m2k,roof_u_w_m2k,"
            + "air_changes_1_h,indoor_temp_c,outdoor_temp_c,synthetic_heating_load_kw";

    private SyntheticHouses() {}

    /** Writes 1,000 houses: {@code SyntheticHouses houses.csv}. */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]), 1000, /*seed*/ 1);
    }

    static void write(Path file, int houses, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder(HEADER).append('\n');
        for (int i = 0; i < houses; i++) {
            double floor = random.nextDouble(60, 200);
            double windows = random.nextDouble(0.1, 0.25) * floor;
            double wallU = random.nextDouble(0.15, 1.5);
            double windowU = random.nextDouble(0.8, 3);
            double roofU = random.nextDouble(0.1, 1);
            double airChanges = random.nextDouble(0.3, 1.5);
            double indoor = random.nextDouble(18, 23);
            double outdoor = random.nextDouble(-15, 10);
            // A square house, 2.5 m high: walls, windows and roof lose heat (W/K), and so does the air
            // exchange, 0.33 Wh/(m³ K).
            double walls = 4 * Math.sqrt(floor) * 2.5 - windows;
            double loss = wallU * walls + windowU * windows + roofU * floor + 0.33 * airChanges * 2.5 * floor;
            double load = loss * (indoor - outdoor) / 1000 + NOISE * random.nextGaussian();
            csv.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f,%.2f,%.2f,%.2f,%.2f,%.1f,%.1f,%.2f\n",
                    floor,
                    windows,
                    wallU,
                    windowU,
                    roofU,
                    airChanges,
                    indoor,
                    outdoor,
                    load));
        }
        Files.writeString(file, csv);
    }
}
