namespace Sampan.Engine.Specs;

/// <summary>The environment of a container's process.</summary>
internal static class SpecEnvironment
{
    /// <summary>Docker's order: defaults, then what the image and the user set, each name once, then HOME if nobody set it.</summary>
    public static IReadOnlyList<string> Build(string path, string hostname, bool tty, IReadOnlyList<string> wishes, string home)
    {
        var all = new List<string> { path, "HOSTNAME=" + hostname };
        if (tty)
            all.Add("TERM=xterm");
        foreach (var wish in wishes)
            Apply(all, wish);
        if (!all.Exists(e => e.StartsWith("HOME=", StringComparison.Ordinal)))
            all.Add("HOME=" + home);
        return all;
    }

    /// <summary>An image's variables with the user's laid over them, in the image's order.</summary>
    public static IReadOnlyList<string> Merge(IReadOnlyList<string> image, IReadOnlyList<string> user)
    {
        // Names without a value stay: they say that a default such as PATH shall be absent.
        var names = user.Select(Name).ToHashSet();
        return [.. user, .. image.Where(e => !names.Contains(Name(e)))];
    }

    private static void Apply(List<string> all, string wish)
    {
        var name = Name(wish);
        var index = all.FindIndex(e => Name(e) == name);
        if (!wish.Contains('='))
        {
            if (index >= 0)
                all.RemoveAt(index);
        }
        else if (index >= 0)
        {
            all[index] = wish;
        }
        else
        {
            all.Add(wish);
        }
    }

    private static string Name(string entry)
    {
        var equals = entry.IndexOf('=');
        return equals < 0 ? entry : entry[..equals];
    }
}
