using Sampan.Oci.Images;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Images.Remotes;

/// <summary>How an image is pulled.</summary>
public sealed record PullOptions
{
    /// <summary>The platform that it is for; null: this machine's, or whatever the only image is for.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Everything that the name's index leads to, not only one platform's image; nothing special where the name stands for one image.</summary>
    public bool AllPlatforms { get; init; }

    /// <summary>The user's credentials for the registry in the image's name, or null.</summary>
    public RegistryCredentials? Credentials { get; init; }
}
