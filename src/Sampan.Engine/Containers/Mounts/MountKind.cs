using System.Text.Json.Serialization;

namespace Sampan.Engine.Containers.Mounts;

/// <summary>What is mounted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MountKind>))]
public enum MountKind
{
    /// <summary>A file or directory of the host.</summary>
    Bind,

    /// <summary>A volume, named or anonymous.</summary>
    Volume,

    /// <summary>Memory.</summary>
    Tmpfs,

    /// <summary>The files of an image, read-only.</summary>
    Image,
}
