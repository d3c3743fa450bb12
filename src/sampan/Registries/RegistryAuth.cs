using System.Buffers.Text;
using System.Text.Json;
using Sampan.Cli.Commands;
using Sampan.Cli.Hosts;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Registries;

/// <summary>What a call has to show at registries.</summary>
internal static class RegistryAuth
{
    /// <summary>The file with the credentials.</summary>
    public static CredentialFile File(Invocation call) => CredentialFile.Open(
        call.Global.Get(GlobalOptions.Config) is { Length: > 0 } given ? given
        : Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } named ? named
        : Path.Combine(Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/", ".docker"));

    /// <summary>The header for an image's registry; null: nothing to show.</summary>
    public static string? ForImage(Invocation call, string image) => File(call).Find(RegistryName.OfImage(image)) is { } auth ? Header(auth) : null;

    /// <summary>The header for every registry that there are credentials of; null: nothing to show.</summary>
    public static string? ForAll(Invocation call)
    {
        var file = File(call);
        var all = file.Registries().Select(registry => (registry, Auth: file.Find(registry))).Where(pair => pair.Auth is not null).ToDictionary(pair => pair.registry, pair => pair.Auth!, StringComparer.Ordinal);
        return all.Count == 0 ? null : Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(all, DockerApiJson.Wire.AuthConfigMap));
    }

    /// <summary>The header with these credentials.</summary>
    public static string Header(AuthConfig auth) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(auth, DockerApiJson.Wire.AuthConfig));
}
