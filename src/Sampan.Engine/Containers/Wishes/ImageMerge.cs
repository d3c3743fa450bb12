using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Health;
using Sampan.Engine.Specs;
using Sampan.Oci.Images;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>Fills in what the image says and the user did not, by Docker's rules.</summary>
internal static class ImageMerge
{
    /// <summary>The wish with the image's defaults.</summary>
    /// <param name="wish">As the user gave it.</param>
    /// <param name="image">The image's <c>config</c>.</param>
    public static ContainerSpec Apply(ContainerSpec wish, ImageDefaults image)
    {
        var labels = new Dictionary<string, string>(image.Labels.Where(label => IsFree(label.Key)));
        foreach (var (name, value) in wish.Labels)
            labels[name] = value;

        // An entry point given by the user makes the image's command meaningless: it was written for another program.
        var command = wish.Command ?? (wish.Entrypoint is null ? image.Cmd : null);
        return wish with
        {
            User = Given(wish.User) ?? Given(image.User),
            Env = SpecEnvironment.Merge(image.Env, wish.Env),
            Entrypoint = wish.Entrypoint ?? image.Entrypoint,
            Command = command,
            WorkingDirectory = Given(wish.WorkingDirectory) ?? Given(image.WorkingDir),
            Labels = labels,
            StopSignal = Given(wish.StopSignal) ?? Given(image.StopSignal),
            StopTimeout = wish.StopTimeout ?? image.StopTimeout,
            Healthcheck = HealthPlan.Merge(wish.Healthcheck, image.Healthcheck),
            Shell = wish.Shell ?? image.Shell,
            ExposedPorts = [.. wish.ExposedPorts.Concat(Ports(image.ExposedPorts)).Concat(wish.PublishedPorts.Select(p => p.Port)).Distinct()],
            AnonymousVolumes = [.. wish.AnonymousVolumes.Concat(image.Volumes).Distinct()],
        };
    }

    // What the engine, its services and its gateway are told is for whoever makes the container to say: an image that could would answer for the names of
    // others (CVE-2026-53488). When it is unhealthy is the image's own matter, as its health check is.
    private static bool IsFree(string label) =>
        label == UnhealthyRestart.Label || !(label.StartsWith("sampan.", StringComparison.Ordinal) || label.StartsWith("io.sampan.", StringComparison.Ordinal));

    private static IEnumerable<ContainerPort> Ports(IReadOnlyList<string> texts)
    {
        foreach (var text in texts)
        {
            var slash = text.IndexOf('/');
            var range = (slash < 0 ? text : text[..slash]).Split('-');
            var protocol = slash < 0 ? "" : text[slash..];
            if (!ContainerPort.TryParse(range[0] + protocol, out var first) || !ContainerPort.TryParse(range[^1] + protocol, out var last) || last.Number < first.Number)
                throw EngineException.Invalid($"the image exposes an invalid port: '{text}'");
            for (int number = first.Number; number <= last.Number; number++)
                yield return first with { Number = (ushort)number };
        }
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
