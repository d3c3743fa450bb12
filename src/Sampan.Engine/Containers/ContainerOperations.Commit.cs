using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Health;
using Sampan.Oci.Images;
using Sampan.Runtime.Observation;
using Sampan.Storage.Images.Changes;

namespace Sampan.Engine.Containers;

/// <content>Containers become images.</content>
public sealed partial class ContainerOperations
{
    /// <summary>
    /// Makes an image of a container:
    /// (1) check name and changes
    /// (2) pause it, if it runs and that is wanted
    /// (3) store what it changed as a layer, make the image
    /// (4) let it run on
    /// (5) publish.
    /// </summary>
    /// <param name="idOrName">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Heeded until the image is written.</param>
    /// <returns>The image's id.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: name or changes. <see cref="ErrorKind.Conflict"/>: it is being removed.</exception>
    public async Task<string> CommitAsync(string idOrName, CommitOptions options, CancellationToken ct)
    {
        // (1)
        var container = Existing(idOrName);
        ImageReference? name = null;
        if (options.Reference is { Length: > 0 } text && (!ImageReference.TryParse(text, out name, out var error) || name.Digest is not null))
            throw EngineException.Invalid(error ?? $"'{text}' is not a valid name of an image that is made: it has a digest");
        var image = Translate.Run(() => _parts.Images.Find(container.ImageId))
            ?? throw EngineException.NotFound($"No such image: {container.ImageId}: the container's own was removed by force, so nothing can be built on it");
        var commit = new ImageCommit
        {
            Name = name,
            Message = options.Message,
            Author = options.Author,
            CreatedBy = string.Join(' ', container.Spec.Command ?? []),
            Defaults = Translate.Run(() => ImageChanges.Apply(Merge(options.Overrides, DefaultsOf(container.Spec, image.Config.Config)), options.Changes)),
        };

        // (2)
        var pauses = options.Pause && container.State is ContainerState.Running;
        if (pauses)
            await PauseAsync(container.Id, passing: true, ct);
        DaemonFailPoint.Reach("commit.paused");
        try
        {
            // (3)
            var made = await Translate.RunAsync(() => _parts.Images.CommitAsync(
                image.Id,
                tar =>
                {
                    using var difference = _parts.Snapshots.OpenDifference(container.Id);
                    difference.WriteTo(tar, ct);
                },
                commit,
                ct));

            // (5)
            _parts.Publish(container, "commit", ("comment", options.Message ?? ""), ("imageID", made.Id.ToString()), ("imageRef", name?.Familiar ?? ""));
            return made.Id.ToString();
        }
        finally
        {
            // (4)
            if (pauses)
                await ThawAsync(container.Id);
        }
    }

    // It may have been thawed, killed or removed by somebody else meanwhile: then there is nothing to do.
    private async Task ThawAsync(string id)
    {
        try
        {
            await UnpauseAsync(id, CancellationToken.None);
        }
        catch (EngineException gone) when (gone.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
        {
            _parts.Notices(new EngineNotice(NoticeLevel.Debug, $"container {id} was not paused any more after commit: {gone.Message}", gone));
        }
    }

    // The container's specification has the image's defaults in it already, but for what a container has no field for.
    private static ImageDefaults DefaultsOf(ContainerSpec spec, ImageDefaults image) => image with
    {
        User = spec.User,
        Env = spec.Env,
        Entrypoint = spec.Entrypoint is [""] ? null : spec.Entrypoint,
        Cmd = spec.Command,
        WorkingDir = spec.WorkingDirectory,
        Labels = spec.Labels,
        StopSignal = spec.StopSignal,
        StopTimeout = spec.StopTimeout,
        Healthcheck = spec.Healthcheck,
        ExposedPorts = [.. spec.ExposedPorts.Select(port => port.ToString())],
        Volumes = spec.AnonymousVolumes,
    };

    // Docker's runconfig.Merge: what the request gives comes first, the container's fills in.
    private static ImageDefaults Merge(ImageDefaults? wish, ImageDefaults own)
    {
        if (wish is null)
            return own;
        var labels = new Dictionary<string, string>(own.Labels);
        foreach (var (key, value) in wish.Labels)
            labels[key] = value;
        var given = wish.Env.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return own with
        {
            User = wish.User is { Length: > 0 } ? wish.User : own.User,
            Env = [.. wish.Env, .. own.Env.Where(line => !given.Contains(NameOf(line)))],
            Entrypoint = wish.Entrypoint is { Count: > 0 } ? wish.Entrypoint : own.Entrypoint,
            Cmd = wish.Cmd is { Count: > 0 } ? wish.Cmd : wish.Entrypoint is { Count: > 0 } ? null : own.Cmd,
            WorkingDir = wish.WorkingDir is { Length: > 0 } ? wish.WorkingDir : own.WorkingDir,
            Labels = labels,
            StopSignal = wish.StopSignal is { Length: > 0 } ? wish.StopSignal : own.StopSignal,
            StopTimeout = wish.StopTimeout ?? own.StopTimeout,
            Healthcheck = HealthPlan.Merge(wish.Healthcheck, own.Healthcheck),
            ExposedPorts = [.. wish.ExposedPorts.Union(own.ExposedPorts)],
            Volumes = [.. wish.Volumes.Union(own.Volumes)],
            Shell = wish.Shell ?? own.Shell,
            OnBuild = wish.OnBuild.Count > 0 ? wish.OnBuild : own.OnBuild,
        };

        static string NameOf(string line) => line.Split('=', 2)[0];
    }
}
