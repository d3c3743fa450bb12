namespace Sampan.Compose.Running;

/// <summary>Does something to every service, each after those before it, side by side where nothing orders them.</summary>
internal static class DependencyWalk
{
    /// <summary>Walks; what depends on something that failed is not touched. The first failure is thrown when all that could be done is done.</summary>
    /// <param name="before">The services by name, and what comes before each; names that are no service are ignored. No circles.</param>
    /// <param name="act">What is done.</param>
    public static async Task RunAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> before, Func<string, Task> act)
    {
        var tasks = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (string name in before.Keys) _ = Start(name);
        await Task.WhenAll(tasks.Values).ConfigureAwait(false);

        Task Start(string name)
        {
            if (tasks.TryGetValue(name, out var known)) return known;
            // A circle, which a loaded project has none of, but labels of containers could: whoever is on the way already is not waited for.
            tasks[name] = Task.CompletedTask;
            Task[] first = [.. before[name].Where(before.ContainsKey).Select(Start)];
            return tasks[name] = ActAsync(name, first);
        }

        async Task ActAsync(string name, Task[] first)
        {
            await Task.WhenAll(first).ConfigureAwait(false);
            await act(name).ConfigureAwait(false);
        }
    }

    /// <summary>The same edges the other way round.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Reverse(IReadOnlyDictionary<string, IReadOnlyList<string>> before)
    {
        var after = before.Keys.ToDictionary(k => k, _ => new List<string>(), StringComparer.Ordinal);
        foreach (var (name, others) in before)
            foreach (string other in others)
                if (after.TryGetValue(other, out var list)) list.Add(name);
        return after.ToDictionary(p => p.Key, p => (IReadOnlyList<string>)p.Value, StringComparer.Ordinal);
    }
}
