namespace Sampan.Compose.Schema;

/// <summary>Finds what was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The name that is nearest, if it is near enough; null: none is.</summary>
    public static string? For(string word, IEnumerable<string> names)
    {
        if (word.Length is 0 or > 64) return null;
        string? best = null;
        int least = Math.Max(1, word.Length / 3) + 1;
        foreach (string name in names)
        {
            int distance = Distance(word.ToLowerInvariant().Replace('-', '_'), name.ToLowerInvariant().Replace('-', '_'));
            if (distance >= least) continue;
            (best, least) = (name, distance);
        }
        return best;
    }

    /// <summary>"; did you mean 'x'?", or nothing.</summary>
    public static string Text(string word, IEnumerable<string> names) => For(word, names) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>How many letters are missing, too many, wrong, or have changed places with the next one.</summary>
    private static int Distance(string a, string b)
    {
        int[] before = [], above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, above) = (above, row);
        }
        return above[b.Length];
    }
}
