using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>
    /// Makes a one-off container and returns its id; it is not started. (1) bring up what the service depends on, and wait for it (2) image, networks, volumes
    /// (3) the service with what is said otherwise for this once (4) create.
    /// </summary>
    public async Task<string> CreateOneOffAsync(OneOffOptions options, CancellationToken cancellationToken)
    {
        var service = Described.Select([options.Service], false)[0];
        var needed = service.DependsOn.Select(d => d.Service).Where(Described.Services.ContainsKey).ToList();
        if (options.WithDependencies && needed.Count > 0)
        {
            await UpAsync(new UpOptions { Services = needed, RemoveOrphans = options.RemoveOrphans, Build = options.Build }, cancellationToken).ConfigureAwait(false);
            await DependenciesAsync(service, needed, cancellationToken).ConfigureAwait(false);
        }
        var images = await EnsureImagesAsync([service], new UpOptions { Build = options.Build, PullPolicy = options.PullPolicy }, cancellationToken).ConfigureAwait(false);
        await EnsureNetworksAsync([service], all: false, cancellationToken).ConfigureAwait(false);
        await EnsureVolumesAsync([service], all: false, cancellationToken).ConfigureAwait(false);
        var changed = Changed(service, options);
        string containerName = options.Name ?? string.Join(Described.Separator, name, service.Name, "run", options.Slug);
        var context = new RequestContext
        {
            Hash = ServiceHash.Of(service),
            ImageId = images.GetValueOrDefault(service.Image),
            FilesHash = InjectedFiles.Hash(InjectedFiles.Copied(Described, service)),
            HasManyEndpoints = client.Version >= s_manyEndpoints,
            ContainersOf = await RelatedAsync(service, cancellationToken).ConfigureAwait(false),
            Slug = options.Slug,
        };
        return await CreateAsync(changed, 0, containerName, containerName, context, request => request with
        {
            Tty = options.Tty,
            OpenStdin = options.Interactive,
            StdinOnce = options.Interactive,
            AttachStdin = options.Interactive,
            AttachStdout = true,
            AttachStderr = true,
            NetworkingConfig = !options.UseAliases ? request.NetworkingConfig : new DockerApi.Containers.NetworkingConfig
            {
                EndpointsConfig = request.NetworkingConfig?.EndpointsConfig?.ToDictionary(e => e.Key, e => e.Value is { } endpoint ? endpoint with { Aliases = [.. endpoint.Aliases ?? [], service.Name] } : null, StringComparer.Ordinal),
            },
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The service as it is for this once: the same keys, read by the same schema, on top of its own.</summary>
    private Service Changed(Service service, OneOffOptions options)
    {
        var at = service.Tree.At;
        var problems = new Problems();
        var upper = (Mapping?)ComposeSchema.Service.Read(Nodes.Of(at,
            ("command", options.Command is null ? null : Texts(options.Command)),
            ("entrypoint", options.Entrypoint is null ? null : Scalar.Of(options.Entrypoint)),
            ("environment", options.Environment.Count == 0 ? null : Texts(options.Environment)),
            ("cap_add", options.CapAdd.Count == 0 ? null : Texts(options.CapAdd)),
            ("cap_drop", options.CapDrop.Count == 0 ? null : Texts(options.CapDrop)),
            ("labels", options.Labels.Count == 0 ? null : Texts(options.Labels)),
            ("ports", options.Publish.Count == 0 ? null : Texts(options.Publish)),
            ("volumes", options.Volumes.Count == 0 ? null : Texts(options.Volumes)),
            ("user", options.User is null ? null : Scalar.Of(options.User)),
            ("working_dir", options.WorkingDirectory is null ? null : Scalar.Of(options.WorkingDirectory))), new Reading(Described.Directory, null, problems), DocumentPath.Root);
        problems.ThrowIfAny();
        var tree = service.Tree.With("restart", null).With("container_name", null).With("post_start", null).With("pre_stop", null);
        if (!options.WithPorts) tree = tree.With("ports", null);
        if (tree.Map("deploy") is { } deploy) tree = tree.With("deploy", deploy.With("restart_policy", null));
        // Another entrypoint: the command of the service was meant for its own.
        if (options.Entrypoint is not null && options.Command is null) tree = tree.With("command", null);
        return new Service(service.Name, name + Described.Separator, (Mapping?)ComposeSchema.Service.Merge(tree, upper ?? Mapping.Empty) ?? tree);
    }

    private static Sequence Texts(IReadOnlyList<string> texts) => new(Position.None, [.. texts.Select(Scalar.Of)]);
}
