using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.DockerApi.Client;

namespace Sampan.Compose.Running;

/// <summary>Brings a project about on an engine, and takes it away. Everything it knows of the engine it asks for: nothing is kept between two runs.</summary>
/// <param name="client">The engine.</param>
/// <param name="name">The project's name.</param>
/// <param name="project">What is described; null: only what is there counts.</param>
/// <param name="progress">Is told what happens.</param>
/// <param name="time">Clocks.</param>
public sealed partial class ProjectRunner(DockerClient client, string name, Project? project, ComposeProgress progress, TimeProvider time)
{
    /// <summary>How many calls are made at a time; null: any number.</summary>
    public int? Parallel { get; init; }

    /// <summary>Whether everything is told and nothing is done.</summary>
    public bool IsDry { get; init; }

    /// <summary>Fetches images.</summary>
    public ImagePuller? Pull { get; init; }

    /// <summary>Builds images.</summary>
    public ImageBuilder? Build { get; init; }

    private Project Described => project ?? throw new ComposeException($"the files of the project '{name}' are needed: give them with -f");

    /// <summary>The containers of the project: those of services, and one-off ones if asked, in order.</summary>
    public async Task<IReadOnlyList<ProjectContainer>> ListAsync(bool all, bool withOneOff, CancellationToken cancellationToken)
    {
        var filters = new Filters().Add("label", $"{Labels.Project}={name}");
        if (!withOneOff) filters.Add("label", $"{Labels.OneOff}=False");
        var listed = await client.ListContainersAsync(all, filters: filters, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. listed.Select(c => new ProjectContainer(c)).OrderBy(c => c.Service, StringComparer.Ordinal).ThenBy(c => c.Number).ThenBy(c => c.Name, StringComparer.Ordinal)];
    }

    /// <summary>The containers of these services (none: all), one-off ones left out; a name that is no service is refused.</summary>
    public async Task<IReadOnlyList<ProjectContainer>> SelectAsync(IReadOnlyList<string> services, bool all, CancellationToken cancellationToken)
    {
        var containers = await ListAsync(all: true, withOneOff: false, cancellationToken).ConfigureAwait(false);
        foreach (string service in services)
            if (project?.Services.ContainsKey(service) != true && containers.All(c => c.Service != service)) throw new ComposeException($"no such service: {service}");
        return [.. containers.Where(c => (all || c.IsRunning) && (services.Count == 0 || services.Contains(c.Service, StringComparer.Ordinal)))];
    }

    /// <summary>One container of a service; null for the number: the first that runs.</summary>
    public async Task<ProjectContainer> OneAsync(string service, int? number, CancellationToken cancellationToken)
    {
        var containers = await SelectAsync([service], all: true, cancellationToken).ConfigureAwait(false);
        return (number is null ? containers.FirstOrDefault(c => c.IsRunning) ?? containers.FirstOrDefault() : containers.FirstOrDefault(c => c.Number == number))
            ?? throw new ComposeException($"service \"{service}\" is not running{(number is null ? "" : $" container #{number}")}");
    }

    /// <summary>What comes before each service: by the files, and by the labels of containers whose services the files do not have.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<string>> Order(IEnumerable<ProjectContainer> containers)
    {
        var order = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            order[container.Service] = project?.Services.GetValueOrDefault(container.Service) is { } service
                ? [.. service.DependsOn.Select(d => d.Service)]
                : [.. order.GetValueOrDefault(container.Service, []).Concat(container.DependsOn).Distinct(StringComparer.Ordinal)];
        }
        return new Dictionary<string, IReadOnlyList<string>>(order, StringComparer.Ordinal);
    }

    private async Task ForAllAsync<T>(IEnumerable<T> items, Func<T, Task> act) => await Task.WhenAll(items.Select(act)).ConfigureAwait(false);

    /// <summary>Does one thing to a container, tells of it before and after, and keeps to the number of calls at a time.</summary>
    private async Task TellAsync(string resource, string doing, string done, string reason, Func<Task> act)
    {
        if (Calls is not null) await Calls.WaitAsync().ConfigureAwait(false);
        try
        {
            progress(resource, doing, reason);
            if (!IsDry) await act().ConfigureAwait(false);
            progress(resource, done, "");
        }
        catch (DockerApiException e) when (e.StatusCode is not null)
        {
            progress(resource, "Error", e.Message);
            throw new ComposeException($"{resource}: {e.Message}", e);
        }
        finally
        {
            Calls?.Release();
        }
    }

    private SemaphoreSlim? Calls => field ??= Parallel is > 0 and { } n ? new SemaphoreSlim(n) : null;
}
