using Sampan.Compose.Model;

namespace Sampan.Compose.Running;

/// <summary>Desired against actual: what has to be done about the containers of a service. Pure.</summary>
internal static class Planner
{
    /// <summary>Why one of two containers of one number goes.</summary>
    public const string LeftOver = "left over from an interrupted replacement";

    /// <summary>The actions for one service.</summary>
    /// <param name="service">What should be.</param>
    /// <param name="existing">Its containers, without one-off ones.</param>
    /// <param name="desired">What a container that is as it should be was made of.</param>
    /// <param name="replicas">How many there should be.</param>
    /// <param name="mode">When they are replaced.</param>
    /// <param name="isReplaced">Whether a service that this one depends on gets other containers.</param>
    public static IReadOnlyList<ContainerAction> Plan(Service service, IReadOnlyList<ProjectContainer> existing, Desired desired, int replicas, RecreateMode mode, Func<string, bool> isReplaced)
    {
        var actions = new List<ContainerAction>();
        // An interrupted replacement leaves two of one number: the one that is as it should be stays, under its name.
        var byNumber = existing.GroupBy(c => c.Number).OrderBy(g => g.Key).Select(g => g.OrderByDescending(c => Reason(service, c, desired, RecreateMode.Changed, isReplaced).Length == 0).ThenByDescending(c => c.IsRunning).ThenBy(c => c.Name.Length).ToList()).ToList();
        foreach (var doubles in byNumber) actions.AddRange(doubles.Skip(1).Select(c => new ContainerAction(ContainerActionKind.Remove, c.Number, c, LeftOver)));
        var candidates = byNumber.Select(g => g[0]).ToList();
        foreach (var container in candidates.Skip(replicas)) actions.Add(new(ContainerActionKind.Remove, container.Number, container, $"{replicas} wanted"));
        var kept = candidates.Take(replicas).ToList();
        foreach (var container in kept) actions.Add(Plan(service, container, desired, mode, isReplaced));
        var taken = kept.Select(c => c.Number).ToHashSet();
        for (int number = 1, missing = replicas - kept.Count; missing > 0; number++)
        {
            if (!taken.Add(number)) continue;
            actions.Add(new(ContainerActionKind.Create, number, null));
            missing--;
        }
        return actions;
    }

    private static ContainerAction Plan(Service service, ProjectContainer container, Desired desired, RecreateMode mode, Func<string, bool> isReplaced)
    {
        string reason = Reason(service, container, desired, mode, isReplaced);
        if (reason.Length > 0) return new(ContainerActionKind.Recreate, container.Number, container, reason);
        if (!container.IsRunning) return new(ContainerActionKind.Start, container.Number, container);
        var restarted = service.DependsOn.FirstOrDefault(d => d.Restarts && isReplaced(d.Service));
        return restarted is null ? new(ContainerActionKind.Keep, container.Number, container) : new(ContainerActionKind.Restart, container.Number, container, $"'{restarted.Service}', which it depends on, was replaced");
    }

    /// <summary>Why a container must be replaced; empty: it need not be.</summary>
    private static string Reason(Service service, ProjectContainer container, Desired desired, RecreateMode mode, Func<string, bool> isReplaced)
    {
        if (container.Summary.State is "dead" or "removing") return $"it is {container.Summary.State}";
        if (mode == RecreateMode.Always) return "forced";
        if (SharedNamespace(service) is { } other && isReplaced(other)) return $"it shares a namespace with '{other}', which was replaced";
        if (mode == RecreateMode.Never) return "";
        if (container.Label(Labels.ConfigHash) != desired.Hash) return "its configuration changed" + What(container, desired);
        if (container.Label(Registration.MarkLabel) != desired.Registration) return "it registers in another way";
        if (container.Label(Labels.FilesHash) is { } files && files != desired.FilesHash) return "its configs or secrets changed";
        if (desired.ImageId is { } image && container.Summary.ImageID.Length > 0 && container.Summary.ImageID != image) return $"the image '{service.Image}' changed";
        if (desired.NetworkIds.Where(n => !IsIn(container, n)).Select(n => n.Key).FirstOrDefault() is { } network) return $"the network '{network}' is another one";
        return "";
    }

    // What it was made by says which keys; docker's tool leaves nothing that does.
    private static string What(ProjectContainer container, Desired desired) =>
        container.Label(Labels.KeyHashes) is { } before && desired.Keys.Length > 0 && ServiceHash.Changed(before, desired.Keys) is { Count: > 0 } keys ? ": " + string.Join(", ", keys) : "";

    private static bool IsIn(ProjectContainer container, KeyValuePair<string, string> network) =>
        container.Summary.NetworkSettings?.Networks?.GetValueOrDefault(network.Key) is not { NetworkID.Length: > 0 } endpoint || endpoint.NetworkID == network.Value;

    private static string? SharedNamespace(Service service)
    {
        foreach (string key in new[] { "network_mode", "ipc", "pid" })
            if (service.Tree[key] is Documents.Scalar { Text: { } mode } && mode.StartsWith("service:", StringComparison.Ordinal)) return mode[8..];
        return null;
    }
}
