using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Engine.Images;

/// <summary>Images and registries.</summary>
public sealed partial class ImageOperations
{
    /// <summary>Pulls an image, or all tags of a repository.</summary>
    /// <param name="name">The image; without tag and digest: all tags.</param>
    /// <param name="platform"><c>os[/architecture[/variant]]</c>; <c>all</c>: whatever the name's index has; null: this machine's.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step, from many threads; first when the image was found.</param>
    /// <param name="ct">Gives up; what was fetched stays for the next try.</param>
    /// <exception cref="EngineException">The name or platform is none; the image is not there or not for this user; the registry fails.</exception>
    public async Task PullAsync(string name, string? platform, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        if (!ImageReference.TryParseExact(name, out var reference, out var error))
            throw EngineException.Invalid(error);
        if (reference.FamiliarName == "scratch")
            throw new EngineException(ErrorKind.Forbidden, "'scratch' is a reserved name");
        Platform? wanted = null;
        var all = platform == "all";
        if (!all && platform is { Length: > 0 } && !Platform.TryParse(platform, out wanted))
            throw EngineException.Invalid($"invalid platform '{platform}': expected os[/architecture[/variant]]");
        var options = new PullOptions { Platform = wanted, AllPlatforms = all, Credentials = CredentialsFor(reference, login) };
        if (reference is not { Tag: null, Digest: null })
        {
            await PullOneAsync(reference, options, progress, ct);
            return;
        }
        foreach (var tag in await Translate.RunAsync(() => Explained(reference, () => _parts.Registries.ListTagsAsync(reference, options.Credentials, ct))))
            await PullOneAsync(WithTag(reference, tag), options, progress, ct);
    }

    /// <summary>Pushes an image under one name, or all tags of a repository.</summary>
    /// <param name="name">The name; without a tag: all tags.</param>
    /// <param name="platform">Only the image for this platform; null: all that the name stands for, if it is all here or there.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="progress">Told each step, from many threads.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException">No image has that name; the registry refuses or fails.</exception>
    public async Task PushAsync(string name, Platform? platform, RegistryLogin? login, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        if (!ImageReference.TryParseExact(name, out var reference, out var error))
            throw EngineException.Invalid(error);
        if (reference.Digest is not null)
            throw EngineException.Invalid("cannot push a digest reference");
        progress?.Report(new TransferStep(null, $"The push refers to repository [{reference.Name}]"));
        var tags = _parts.Images.TagsOf(reference);
        if (tags.Count == 0)
            throw EngineException.NotFound($"An image does not exist locally with the tag: {reference.FamiliarName}");
        var steps = progress is null ? null : new StepTranslation(progress);
        foreach (var tag in reference.Tag is null ? tags : [reference])
        {
            var credentials = CredentialsFor(tag, login);
            await Translate.RunAsync(() => Pushed(tag, credentials is { Username.Length: > 0 } or { IdentityToken.Length: > 0 } or { RegistryToken.Length: > 0 }, () => _parts.Images.PushAsync(_parts.Registries, tag, credentials, platform, steps, ct)));
            _parts.Events.Publish("image", "push", tag.Familiar, new Dictionary<string, string> { ["name"] = tag.FamiliarName });
        }
    }

    /// <summary>Checks credentials at a registry.</summary>
    /// <param name="login">Them, and where.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>A token that stands for the password from now on; null: none.</returns>
    /// <exception cref="EngineException"><see cref="ErrorKind.Unauthorized"/>: they are wrong.</exception>
    public Task<string?> LoginAsync(RegistryLogin login, CancellationToken ct)
    {
        var registry = _parts.Registries.Options.Default;
        var domain = registry.IsMeantBy(login.ServerAddress) ? registry.Domain : DefaultRegistry.HostOf(login.ServerAddress);
        if (!ImageReference.TryParseExact($"{domain}/x", out var probe, out _) || probe.Domain != domain)
            throw EngineException.Invalid($"invalid registry '{login.ServerAddress}': expected host[:port]");
        return Translate.RunAsync(() => _parts.Registries.LoginAsync(domain, CredentialsOf(login), ct));
    }

    /// <summary>Searches an index.</summary>
    /// <param name="term">The word; <c>host/word</c> searches there, anything else at Docker's.</param>
    /// <param name="limit">How many results, 1 to 100.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="ct">Gives up.</param>
    public Task<IReadOnlyList<FoundImage>> SearchAsync(string term, int limit, RegistryLogin? login, CancellationToken ct)
    {
        if (term.Length == 0)
            throw EngineException.Invalid("a word to search for is required");
        if (limit is < 1 or > 100)
            throw EngineException.Invalid($"limit {limit} is outside the range of [1, 100]");
        var slash = term.IndexOf('/');
        var host = slash < 0 ? "" : term[..slash];
        var isHost = host.Contains('.') || host.Contains(':') || host == "localhost";
        var registry = _parts.Registries.Options.Default;
        var domain = !isHost || registry.IsMeantBy(host) ? registry.Domain : host;
        if (!ImageReference.TryParseExact($"{domain}/x", out var probe, out _) || probe.Domain != domain)
            throw EngineException.Invalid($"invalid registry '{host}': expected host[:port]");
        return Translate.RunAsync(async () => (IReadOnlyList<FoundImage>)
        [
            .. (await _parts.Registries.SearchAsync(domain, isHost ? term[(slash + 1)..] : term, limit, CredentialsFor(probe, login), ct))
                .Select(found => new FoundImage(found.Name ?? "", found.Description ?? "", found.StarCount, found.IsOfficial, found.IsAutomated)),
        ]);
    }

    /// <summary>What a name points to at its registry.</summary>
    /// <param name="name">The image.</param>
    /// <param name="login">The client's credentials; null: none.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<(Descriptor Descriptor, IReadOnlyList<Platform> Platforms)> DescribeRemoteAsync(string name, RegistryLogin? login, CancellationToken ct)
    {
        var reference = Parse(name);
        return await Translate.RunAsync(() => Explained(reference, () => _parts.Registries.DescribeAsync(reference, CredentialsFor(reference, login), ct)));
    }

    private async Task PullOneAsync(ImageReference reference, PullOptions options, IProgress<TransferStep>? progress, CancellationToken ct)
    {
        var steps = progress is null ? null : new StepTranslation(progress);
        var pulled = await Translate.RunAsync(() => Explained(reference, () => _parts.Images.PullAsync(_parts.Registries, reference, options, steps, ct)));
        progress?.Report(new TransferStep(null, $"Digest: {pulled.Digest}"));
        progress?.Report(new TransferStep(null, pulled.IsNew ? $"Status: Downloaded newer image for {reference.Familiar}" : $"Status: Image is up to date for {reference.Familiar}"));
        _parts.Events.Publish("image", "pull", reference.Familiar, new Dictionary<string, string> { ["name"] = reference.FamiliarName });
    }

    // Docker's words for what a user can do something about.
    private static async Task<T> Explained<T>(ImageReference reference, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (RegistryException unknown) when (unknown.Kind == StorageError.NotFound && unknown.Code is not "NAME_UNKNOWN")
        {
            throw new EngineException(ErrorKind.NotFound, $"manifest for {reference.Familiar} not found: {unknown.Message}", unknown);
        }
        catch (RegistryException denied) when (denied.Kind is StorageError.NotFound or StorageError.Unauthorized or StorageError.Forbidden)
        {
            throw new EngineException(ErrorKind.NotFound, $"pull access denied for {reference.FamiliarName}, repository does not exist or may require 'docker login': {denied.Message}", denied);
        }
    }

    internal static async Task Pushed(ImageReference tag, bool isLoggedIn, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (RegistryException denied) when (denied.Kind is StorageError.Unauthorized or StorageError.Forbidden)
        {
            var advice = isLoggedIn ? $"the login for '{tag.Domain}' does not allow it" : $"log in with 'docker login {tag.Domain}'";
            throw new EngineException(denied.Kind == StorageError.Unauthorized ? ErrorKind.Unauthorized : ErrorKind.Forbidden, $"push access denied for {tag.FamiliarName}, {advice}: {denied.Message}", denied);
        }
    }

    private RegistryCredentials? CredentialsFor(ImageReference reference, RegistryLogin? login) => CredentialsFor(_parts, reference, login);

    // Clients send along what they have for the server that they think of: it must be the image's.
    internal static RegistryCredentials? CredentialsFor(EngineParts parts, ImageReference reference, RegistryLogin? login)
    {
        if (login is null)
            return null;
        if (login.ServerAddress is { Length: > 0 } address)
        {
            var registry = parts.Registries.Options.Default;
            var domain = registry.IsMeantBy(address) ? registry.Domain : DefaultRegistry.HostOf(address);
            if (!domain.Equals(reference.Domain, StringComparison.OrdinalIgnoreCase))
                return null;
        }
        return CredentialsOf(login);
    }

    private static RegistryCredentials CredentialsOf(RegistryLogin login) => new()
    {
        Username = login.Username,
        Password = login.Password,
        IdentityToken = login.IdentityToken,
        RegistryToken = login.RegistryToken,
    };

    private static ImageReference WithTag(ImageReference repository, string tag)
    {
        try
        {
            return repository.WithTag(tag);
        }
        catch (FormatException wrong)
        {
            throw new EngineException(ErrorKind.Internal, $"registry '{repository.Domain}' lists a tag that is none: {wrong.Message}", wrong);
        }
    }

    internal sealed class StepTranslation(IProgress<TransferStep> target) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => target.Report(new TransferStep(value.Id, value.Status)
        {
            Current = value.Current,
            Total = value.Total,
            PushedTag = value.Pushed?.Tag,
            PushedDigest = value.Pushed?.Digest.ToString(),
            PushedSize = value.Pushed?.Size,
            PushedInsteadOf = value.Pushed?.InsteadOf,
            PushedManifest = value.Pushed?.Manifest,
        });
    }
}
