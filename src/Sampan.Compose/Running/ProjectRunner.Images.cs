using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Client;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>
    /// Builds the images of services, side by side where none is made of another; services without a build are left out. All failures are told at once. Returns
    /// the services whose images were built.
    /// </summary>
    public async Task<IReadOnlyList<string>> BuildAsync(IReadOnlyList<string> services, bool withDependencies, BuildChanges changes, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        var asked = WithNeeded(Described.Select(services, withDependencies).Where(s => s.IsBuilt));
        var order = asked.Values.ToDictionary(s => s.Name, s => (IReadOnlyList<string>)[.. BuildRequests.Needs(s)], StringComparer.Ordinal);
        await DependencyWalk.RunAsync(order, name => BuildAsync(asked[name], changes, problems, cancellationToken)).ConfigureAwait(false);
        if (problems.Count > 0) throw new ComposeException(problems);
        return [.. asked.Keys];
    }

    /// <summary>Services, and those whose images theirs are built of.</summary>
    private Dictionary<string, Service> WithNeeded(IEnumerable<Service> services)
    {
        var all = services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var open = new Queue<Service>(all.Values);
        while (open.TryDequeue(out var service))
            foreach (string needed in BuildRequests.Needs(service))
                if ((Described.Services.GetValueOrDefault(needed) ?? Described.Disabled.GetValueOrDefault(needed)) is { } other && all.TryAdd(needed, other)) open.Enqueue(other);
        return all;
    }

    /// <summary>The images of services by name, with their ids: fetched or built where they are not there, or where that is wanted. All that can't be had are told at once.</summary>
    private async Task<Dictionary<string, string>> EnsureImagesAsync(IReadOnlyList<Service> services, UpOptions options, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        // Of several services with one image the one that knows how to build it speaks for all.
        var makers = WithNeeded(services).Values.GroupBy(s => s.Image, StringComparer.Ordinal).Select(g => g.OrderByDescending(s => s.IsBuilt).First()).ToDictionary(s => s.Name, StringComparer.Ordinal);
        var order = makers.Values.ToDictionary(s => s.Name, s => (IReadOnlyList<string>)[.. BuildRequests.Needs(s)], StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        await DependencyWalk.RunAsync(order, async name =>
        {
            // What is made of something that can't be had is not tried: that alone is told.
            lock (ids)
                if (order[name].Any(failed.Contains) && failed.Add(name)) return;
            string? id = await EnsureImageAsync(makers[name], options, problems, cancellationToken).ConfigureAwait(false);
            lock (ids)
            {
                if (id is not null) ids[makers[name].Image] = id;
                else if (!IsDry) failed.Add(name);
            }
        }).ConfigureAwait(false);
        if (problems.Count > 0) throw new ComposeException([.. problems.OrderBy(p => p.At.File, StringComparer.Ordinal).ThenBy(p => p.At.Line).ThenBy(p => p.At.Column)]);
        return ids;
    }

    private async Task<string?> EnsureImageAsync(Service service, UpOptions options, List<Problem> problems, CancellationToken cancellationToken)
    {
        bool isNamed = service.Tree["image"] is not null;
        string policy = options.PullPolicy ?? service.PullPolicy;
        if (service.IsBuilt && options.Build != BuildMode.Never && (options.Build == BuildMode.Always || policy == "build")) return await BuildAsync(service, new BuildChanges(), problems, cancellationToken).ConfigureAwait(false);
        var (id, tagged) = await FindImageAsync(service.Image, cancellationToken).ConfigureAwait(false);
        if (id is not null && (!isNamed || !IsStale(policy, tagged))) return id;
        if (isNamed && policy is not ("never" or "build"))
        {
            if (await PullAsync(service, isLast: !service.IsBuilt || options.Build == BuildMode.Never, problems, cancellationToken).ConfigureAwait(false) is { } pulled) return pulled;
            if (id is not null) return id;
        }
        if (service.IsBuilt && options.Build != BuildMode.Never) return await BuildAsync(service, new BuildChanges(), problems, cancellationToken).ConfigureAwait(false);
        if (service.IsBuilt && !isNamed) Report(problems, service, "build", $"the image '{service.Image}' is not there, and --no-build forbids to build it");
        else if (policy == "never") Report(problems, service, "image", $"the image '{service.Image}' is not there, and 'pull_policy: never' forbids to fetch it");
        return null;
    }

    /// <summary>Fetches an image; a failure is a problem, or, where there is still something else to try, only told.</summary>
    private async Task<string?> PullAsync(Service service, bool isLast, List<Problem> problems, CancellationToken cancellationToken)
    {
        if (Pull is null) throw new InvalidOperationException("nobody fetches images");
        try
        {
            progress("Image " + service.Image, "Pulling", "");
            if (!IsDry) await Pull(service.Image, service.Tree.Text("platform"), cancellationToken).ConfigureAwait(false);
            progress("Image " + service.Image, "Pulled", "");
            return (await FindImageAsync(service.Image, cancellationToken).ConfigureAwait(false)).Id;
        }
        catch (Exception e) when (e is DockerApiException { StatusCode: not null } or ComposeException)
        {
            progress("Image " + service.Image, isLast ? "Error" : "Warning", e.Message);
            if (isLast) Report(problems, service, "image", $"cannot fetch the image '{service.Image}': {e.Message}");
            return null;
        }
    }

    private async Task<string?> BuildAsync(Service service, BuildChanges changes, List<Problem> problems, CancellationToken cancellationToken)
    {
        if (Build is null) throw new InvalidOperationException("nobody builds images");
        try
        {
            var (source, options) = BuildRequests.Create(Described, service, changes);
            await TellAsync("Image " + service.Image, changes.Check ? "Checking" : "Building", changes.Check ? "Checked" : "Built", "", () => Build(service.Name, source, options, cancellationToken)).ConfigureAwait(false);
            if (changes.Check || IsDry) return null;
            return (await FindImageAsync(service.Image, cancellationToken).ConfigureAwait(false)).Id ?? throw new ComposeException("the engine has no such image now");
        }
        catch (ComposeException e)
        {
            // What was refused has its place already.
            if (e.Problems is [{ At.File.Length: > 0 }, ..])
                lock (problems) problems.AddRange(e.Problems);
            else
                Report(problems, service, "build", $"cannot build the image '{service.Image}': {e.Message}");
            return null;
        }
    }

    private static void Report(List<Problem> problems, Service service, string key, string text)
    {
        lock (problems) problems.Add(new Problem(service.Tree.Find(key)?.At ?? service.Tree.At, DocumentPath.Root["services"][service.Name][key].ToString(), text));
    }

    /// <summary>Whether an image that is there is to be asked for again, by the policy's words and when it was last named.</summary>
    private bool IsStale(string policy, string? tagged)
    {
        string? age = policy switch
        {
            "always" or "refresh" => "0",
            "daily" => "1d",
            "weekly" => "1w",
            _ when policy.StartsWith("every_", StringComparison.Ordinal) => policy[6..],
            _ => null,
        };
        return age is not null && Quantity.TryDuration(age, out long most)
            && (!DateTimeOffset.TryParse(tagged, System.Globalization.CultureInfo.InvariantCulture, out var at) || time.GetUtcNow() - at >= TimeSpan.FromTicks(most / 100));
    }

    private async Task<(string? Id, string? Tagged)> FindImageAsync(string image, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.InspectImageAsync(image, cancellationToken).ConfigureAwait(false);
            return (found.Id, found.Metadata?.LastTagTime);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return (null, null);
        }
    }
}
