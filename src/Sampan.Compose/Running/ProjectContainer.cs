using System.Globalization;
using Sampan.DockerApi.Containers;

namespace Sampan.Compose.Running;

/// <summary>A container of a project, as the engine lists it.</summary>
public sealed class ProjectContainer
{
    /// <summary>A view of a listed container.</summary>
    public ProjectContainer(ContainerSummary summary)
    {
        Summary = summary;
        Name = (summary.Names ?? []).Select(n => n.TrimStart('/')).FirstOrDefault(n => !n.Contains('/')) ?? summary.Id;
        Service = Label(Labels.Service) ?? "";
        Number = int.TryParse(Label(Labels.Number), CultureInfo.InvariantCulture, out int n) ? n : 0;
        DependsOn = [.. (Label(Labels.DependsOn) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split(':')[0])];
    }

    /// <summary>What the engine says.</summary>
    public ContainerSummary Summary { get; }

    /// <summary>The id.</summary>
    public string Id => Summary.Id;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The service's name; empty: it has none.</summary>
    public string Service { get; }

    /// <summary>Which of the service's containers; 0: none.</summary>
    public int Number { get; }

    /// <summary>The services that it depended on when it was made.</summary>
    public IReadOnlyList<string> DependsOn { get; }

    /// <summary>Whether <c>run</c> made it.</summary>
    public bool IsOneOff => string.Equals(Label(Labels.OneOff), "True", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it runs, paused or not.</summary>
    public bool IsRunning => Summary.State is "running" or "paused" or "restarting";

    /// <summary>The value of a label; null: it has none.</summary>
    public string? Label(string name) => Summary.Labels?.GetValueOrDefault(name);
}
