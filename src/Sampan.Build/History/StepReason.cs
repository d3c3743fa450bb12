namespace Sampan.Build.History;

/// <summary>
/// Why a step runs: compares what it depends on with what the same step of the youngest earlier build depended on. A build of the same name is
/// looked at first; the same step is the same instruction of the same stage, else the one in the same place of it.
/// </summary>
internal static class StepReason
{
    private const int MaxShown = 5;
    private const int MaxValue = 60;

    /// <summary>Says why, and which build was compared.</summary>
    /// <param name="step">The step, with its key.</param>
    /// <param name="inputs">What it depends on.</param>
    /// <param name="build">The build that it is of.</param>
    /// <param name="earlier">Builds before it, the youngest first.</param>
    /// <param name="find">What a key stood for; null: nobody knows any more.</param>
    internal static (string Reason, string? ComparedWith) Of(StepRecord step, IReadOnlyDictionary<string, string> inputs, BuildRecord build, IEnumerable<BuildRecord> earlier, Func<string, IReadOnlyDictionary<string, string>?> find)
    {
        if (Counterpart(step, build, [.. earlier]) is not (var other, var before))
            return ("no earlier build that is remembered had this step", null);
        if (before.Key == step.Key)
            return ("its result is not in the cache any more", other.Id);
        if (before.Key is null || find(before.Key) is not { } past)
            return ("what it depended on then is not known any more", other.Id);
        var changes = Changes(past, inputs, build);
        return (changes.Count == 0 ? "it depends on something that has no name" : string.Join("; ", changes), other.Id);
    }

    private static (BuildRecord Build, StepRecord Step)? Counterpart(StepRecord step, BuildRecord build, IReadOnlyList<BuildRecord> earlier)
    {
        var alike = earlier.Where(other => IsAlike(build, other)).ToList();
        return Find(alike, other => other.Stage == step.Stage && other.Text == step.Text)
            ?? Find(alike, other => other.Stage == step.Stage && other.Index == step.Index && VerbOf(other) == VerbOf(step))
            ?? Find(earlier, other => other.Text == step.Text);
    }

    private static (BuildRecord, StepRecord)? Find(IReadOnlyList<BuildRecord> builds, Func<StepRecord, bool> isSame)
    {
        foreach (var build in builds)
        {
            if (build.Steps.FirstOrDefault(step => step.Key is not null && isSame(step)) is { } found)
                return (build, found);
        }
        return null;
    }

    private static bool IsAlike(BuildRecord a, BuildRecord b) =>
        a.Tags.Count > 0 && b.Tags.Count > 0 ? a.Tags.Intersect(b.Tags, StringComparer.Ordinal).Any() : a.Dockerfile == b.Dockerfile && a.Remote == b.Remote;

    private static List<string> Changes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now, BuildRecord build)
    {
        var changes = new List<string>();
        var more = 0;
        // What somebody did comes before what follows from it.
        foreach (var name in before.Keys.Union(now.Keys).OrderBy(name => name == "base").ThenBy(name => name, StringComparer.Ordinal))
        {
            var old = before.GetValueOrDefault(name);
            var value = now.GetValueOrDefault(name);
            if (old == value)
                continue;
            if (changes.Count < MaxShown)
                changes.Add(name == "base" ? Base(build) : Change(name, old, value));
            else
                more++;
        }
        if (more > 0)
            changes.Add($"and {more} more");
        return changes;
    }

    private static string Base(BuildRecord build)
    {
        var again = build.Steps.LastOrDefault(step => step.Reason is not null && step.HasFiles);
        return again is null ? $"'{Cut(build.Steps.FirstOrDefault(step => step.Index == 1)?.Text ?? "FROM")}' gives other files" : $"the files below are others, since '{Cut(again.Text)}' ran again";
    }

    private static string Change(string name, string? old, string? value)
    {
        if (name.StartsWith("file ", StringComparison.Ordinal))
            return (old, value) switch { (null, _) => $"{name} is new", (_, null) => $"{name} is gone", _ => $"{name} has {What(old, value)}" };
        if (name.StartsWith("mount ", StringComparison.Ordinal) || name is "script" or "command")
            return old is null ? $"{name} is new" : value is null ? $"{name} is gone" : $"{name} changed";
        return (old, value) switch
        {
            (null, _) => $"{name} is new: '{Cut(value ?? "")}'",
            (_, null) => $"{name} is gone, it was '{Cut(old)}'",
            _ => $"{name} was '{Cut(old)}', is '{Cut(value)}'",
        };
    }

    // "kind permissions owner content", see SourceTree.Describe.
    private static string What(string old, string value)
    {
        var (a, b) = (old.Split(' ', 4), value.Split(' ', 4));
        var changed = new[] { "another kind", "other permissions", "another owner", "another content" }.Where((_, i) => a.ElementAtOrDefault(i) != b.ElementAtOrDefault(i)).ToList();
        return string.Join(" and ", changed);
    }

    private static string VerbOf(StepRecord step) => step.Text.Split(' ', 2)[0].ToUpperInvariant();

    private static string Cut(string text)
    {
        text = text.ReplaceLineEndings(" ");
        return text.Length <= MaxValue ? text : text[..MaxValue] + "…";
    }
}
