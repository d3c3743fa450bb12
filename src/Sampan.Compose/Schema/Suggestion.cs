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

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
