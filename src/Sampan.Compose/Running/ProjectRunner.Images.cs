using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Client;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>Fetches the images that are wanted and not there; the ids of all of them by name. All that can't be had are told at once.</summary>
    private async Task<Dictionary<string, string>> EnsureImagesAsync(IReadOnlyList<Service> services, string? policy, CancellationToken cancellationToken)
    {
        var problems = new Problems();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        await ForAllAsync(services.GroupBy(s => s.Image, StringComparer.Ordinal), async group =>
        {
            string? id = await EnsureImageAsync(group.First(), policy ?? group.First().PullPolicy, problems, cancellationToken).ConfigureAwait(false);
            lock (ids)
                if (id is not null) ids[group.Key] = id;
        }).ConfigureAwait(false);
        problems.ThrowIfAny();
        return ids;
    }

    private async Task<string?> EnsureImageAsync(Service service, string policy, Problems problems, CancellationToken cancellationToken)
    {
        string? id = await ImageIdAsync(service.Image, cancellationToken).ConfigureAwait(false);
        var path = DocumentPath.Root["services"][service.Name];
        bool always = policy is "always" or "refresh" or "daily" or "weekly" || policy.StartsWith("every_", StringComparison.Ordinal);
        if (id is not null && (!always || service.IsBuilt)) return id;
        if (service.IsBuilt)
        {
            Report(service.Tree["build"]?.At ?? service.Tree.At, path["build"], $"the image '{service.Image}' is not there, and building is not wired into compose yet: build it with 'build -t {service.Image}', or name an image that exists");
            return null;
        }
        if (policy == "never")
        {
            Report(service.Tree["image"]?.At ?? service.Tree.At, path["image"], $"the image '{service.Image}' is not there, and 'pull_policy: never' forbids to fetch it");
            return null;
        }
        if (Pull is null) throw new InvalidOperationException("nobody fetches images");
        try
        {
            progress("Image " + service.Image, "Pulling", "");
            await Pull(service.Image, service.Tree.Text("platform"), cancellationToken).ConfigureAwait(false);
            progress("Image " + service.Image, "Pulled", "");
            return await ImageIdAsync(service.Image, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DockerApiException { StatusCode: not null } or ComposeException)
        {
            progress("Image " + service.Image, "Error", e.Message);
            Report(service.Tree["image"]?.At ?? service.Tree.At, path["image"], $"cannot fetch the image '{service.Image}': {e.Message}");
            return null;
        }

        void Report(Position at, DocumentPath where, string text)
        {
            lock (problems) problems.Add(at, where, text);
        }
    }

    private async Task<string?> ImageIdAsync(string image, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.InspectImageAsync(image, cancellationToken).ConfigureAwait(false)).Id;
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
