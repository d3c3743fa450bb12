using Sampan.Engine.Containers;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Oci.Plugins;
using Sampan.Storage;
using Sampan.Storage.Distribution;
using Sampan.Storage.Plugins;

namespace Sampan.Engine.Plugins;

/// <content>Plugins and registries.</content>
public sealed partial class PluginOperations
{
    /// <summary>What a plugin at a registry asks for.</summary>
    /// <param name="remote">The plugin there.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException">The name is none; it is not there, no plugin, or not for this user.</exception>
    public async Task<IReadOnlyList<PluginPrivilege>> PrivilegesAsync(string remote, RegistryLogin? login, CancellationToken ct)
    {
        var reference = Remote(remote);
        var config = await Translate.RunAsync(() => Explained(reference, () => _parts.Images.ReadPluginAsync(_parts.Registries, reference, CredentialsFor(reference, login), ct)));
        Check(config);
        return PluginPrivileges.Of(config);
    }

    /// <summary>The name that a plugin gets here.</summary>
    /// <param name="remote">What is pulled.</param>
    /// <param name="name">What it shall be called; null: as it is there.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: one of them is no name.</exception>
    public static string NameFor(string remote, string? name)
    {
        if (name is null)
            return WithTag(Remote(remote)).Familiar;
        if (!ImageReference.TryParse(name, out var local, out var error))
            throw EngineException.Invalid(error);
        return local.Digest is null ? local.Familiar : throw EngineException.Invalid("cannot use digest in plugin tag");
    }

    /// <summary>Installs a plugin: it is disabled then.</summary>
    /// <param name="remote">The plugin at its registry.</param>
    /// <param name="name">What it shall be called; null: as it is there.</param>
    /// <param name="granted">What its user grants: exactly what it asks for.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="ct">Gives up; what was fetched stays for the next try.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.AlreadyExists"/>: the name is taken. <see cref="ErrorKind.InvalidArgument"/>: other privileges are needed.</exception>
    public async Task PullAsync(string remote, string? name, IReadOnlyList<PluginPrivilege> granted, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        var reference = Remote(remote);
        var familiar = NameFor(remote, name);
        using var reserved = Reserve(familiar);
        var record = await FetchAsync(reference, ContainerName.NewId(), familiar, null, granted, login, progress, ct);
        Enter(new Plugin(record));
        Publish("pull", reference.Familiar, familiar);
    }

    /// <summary>Replaces a disabled plugin's files and configuration by another version's; what its user had set stays where it can.</summary>
    /// <param name="plugin">Which.</param>
    /// <param name="remote">The other version.</param>
    /// <param name="granted">What its user grants: exactly what the other version asks for.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="ct">Gives up; the plugin is what it was then.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: it is enabled. <see cref="ErrorKind.InvalidArgument"/>: other privileges are needed.</exception>
    public Task UpgradeAsync(string plugin, string remote, IReadOnlyList<PluginPrivilege> granted, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        var reference = Remote(remote);
        return WithAsync(plugin, ct, async found =>
        {
            if (found.Current.Enabled)
                throw EngineException.Conflict($"plugin must be disabled before upgrading: plugin {found.Current.Name} is enabled");
            var record = await FetchAsync(reference, found.Id, found.Current.Name, found.Current, granted, login, progress, ct);
            found.Current = record;
            _runner.Tell(found, null);
            Publish("pull", reference.Familiar, found.Current.Name);
        });
    }

    /// <summary>Sends a plugin to the registry that its name means.</summary>
    /// <param name="plugin">Which.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; the registry refuses or fails.</exception>
    public async Task PushAsync(string plugin, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        var record = Get(plugin);
        var reference = Remote(record.Name);
        progress?.Report(new TransferStep(null, $"The push refers to repository [{reference.Name}]"));
        await Translate.RunAsync(() => ImageOperations.Pushed(reference, login is not null, () => _parts.Images.PushPluginAsync(_parts.Registries, record, reference, CredentialsFor(reference, login), StepsOf(progress), ct)));
    }

    private async Task<PluginRecord> FetchAsync(ImageReference reference, string id, string name, PluginRecord? before, IReadOnlyList<PluginPrivilege> granted, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        var record = await Translate.RunAsync(() => Explained(reference, () => _parts.Images.PullPluginAsync(_parts.Registries, reference, CredentialsFor(reference, login), id, name, before, Granted, StepsOf(progress), ct)));
        progress?.Report(new TransferStep(null, $"Digest: {record.Manifest.Digest}"));
        return record;

        // Asked again of what was fetched: between the question and the pull the tag may have moved.
        void Granted(PluginConfig config)
        {
            Check(config);
            if (!PluginPrivileges.AreEqual(PluginPrivileges.Of(config), granted))
                throw EngineException.Invalid("incorrect privileges");
        }
    }

    private static ImageReference Remote(string remote) =>
        ImageReference.TryParse(remote, out var reference, out var error) ? reference : throw EngineException.Invalid(error);

    private static ImageReference WithTag(ImageReference reference) => reference.Digest is null ? reference : reference.WithTag(reference.Tag ?? ImageReference.DefaultTag);

    private static async Task<T> Explained<T>(ImageReference reference, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (RegistryException missing) when (missing.Kind is StorageError.NotFound or StorageError.Unauthorized or StorageError.Forbidden)
        {
            throw new EngineException(ErrorKind.NotFound, $"plugin {reference.Familiar} not found at its registry, or it may require 'docker login': {missing.Message}", missing);
        }
    }

    private RegistryCredentials? CredentialsFor(ImageReference reference, RegistryLogin? login) => ImageOperations.CredentialsFor(_parts, reference, login);

    private static IProgress<TransferProgress>? StepsOf(IProgress<TransferStep>? progress) => progress is null ? null : new ImageOperations.StepTranslation(progress);
}
