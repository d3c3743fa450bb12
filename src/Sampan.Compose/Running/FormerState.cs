using System.Globalization;
using System.Text.Json;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Networks;

namespace Sampan.Compose.Running;

/// <summary>
/// What a service's containers were before they were replaced. The new ones carry it in an annotation, which nothing but their inspection shows: so
/// <c>rollback</c> needs no file of its own, and works from any machine.
/// </summary>
/// <param name="Request">What the container was made of, its image by id where the name means another one by now.</param>
/// <param name="Replicas">How many there were.</param>
internal sealed record FormerState(ContainerCreateRequest Request, int Replicas)
{
    private const string RequestKey = "io.sampan.compose.former";
    private const string ReplicasKey = "io.sampan.compose.former-replicas";

    /// <summary>The hash of the description that it was made by.</summary>
    public string? Hash => Request.Labels?.GetValueOrDefault(Labels.ConfigHash);

    /// <summary>The id of its image.</summary>
    public string? ImageId => Request.Labels?.GetValueOrDefault(Labels.Image);

    /// <summary>The annotations of a container, with this one.</summary>
    public IReadOnlyDictionary<string, string> On(IReadOnlyDictionary<string, string>? annotations) =>
        new Dictionary<string, string>(annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [RequestKey] = JsonSerializer.Serialize(Request, DockerApiJson.Wire.ContainerCreateRequest),
            [ReplicasKey] = Replicas.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>The one that a container carries; null: it replaced none, or what it carries can't be read.</summary>
    public static FormerState? CarriedBy(ContainerInspect container)
    {
        if (container.HostConfig?.Annotations is not { } annotations || !annotations.TryGetValue(RequestKey, out string? json)) return null;
        try
        {
            var request = JsonSerializer.Deserialize(json, DockerApiJson.Wire.ContainerCreateRequest);
            return request is null ? null : new FormerState(request, int.TryParse(annotations.GetValueOrDefault(ReplicasKey), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 1);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The state of a container that is there.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="container">The container.</param>
    /// <param name="replicas">How many of its service there are.</param>
    /// <param name="keepsMac">Whether its hardware addresses were chosen by the user.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<FormerState> OfAsync(DockerClient client, ContainerInspect container, int replicas, bool keepsMac, CancellationToken cancellationToken)
    {
        var config = container.Config ?? new ContainerConfig();
        var request = JsonSerializer.Deserialize(JsonSerializer.Serialize(config, DockerApiJson.Wire.ContainerConfig), DockerApiJson.Wire.ContainerCreateRequest) ?? new ContainerCreateRequest();
        string shortId = container.Id[..12];
        return new FormerState(
            request with
            {
                Image = await NamesAsync(client, config.Image, container.Image, cancellationToken).ConfigureAwait(false) ? config.Image : container.Image,
                Hostname = config.Hostname == shortId ? "" : config.Hostname,
                Labels = new Dictionary<string, string>(config.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [Labels.Image] = container.Image },
                HostConfig = container.HostConfig is not { } host ? null : host with
                {
                    Annotations = host.Annotations?.Where(a => a.Key is not (RequestKey or ReplicasKey)).ToDictionary(StringComparer.Ordinal),
                },
                NetworkingConfig = new NetworkingConfig
                {
                    EndpointsConfig = container.NetworkSettings?.Networks?.ToDictionary(n => n.Key, n => n.Value is not { } endpoint ? null : new EndpointSettings
                    {
                        Aliases = [.. (endpoint.Aliases ?? []).Where(a => a != shortId)],
                        IPAMConfig = endpoint.IPAMConfig,
                        Links = endpoint.Links,
                        DriverOpts = endpoint.DriverOpts,
                        GwPriority = endpoint.GwPriority,
                        MacAddress = keepsMac ? endpoint.MacAddress : "",
                    }, StringComparer.Ordinal),
                },
            },
            replicas);
    }

    private static async Task<bool> NamesAsync(DockerClient client, string? name, string id, CancellationToken cancellationToken)
    {
        if (name is not { Length: > 0 }) return false;
        try
        {
            return (await client.InspectImageAsync(name, cancellationToken).ConfigureAwait(false)).Id == id;
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }
}
