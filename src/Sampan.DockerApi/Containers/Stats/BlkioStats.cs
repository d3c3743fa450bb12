using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers.Stats;

/// <summary>Block I/O counters.</summary>
public sealed record BlkioStats
{
    /// <summary>Bytes by device and operation.</summary>
    [JsonPropertyName("io_service_bytes_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoServiceBytesRecursive { get; init; }

    /// <summary>Operations by device and operation.</summary>
    [JsonPropertyName("io_serviced_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoServicedRecursive { get; init; }

    /// <summary>Queued operations.</summary>
    [JsonPropertyName("io_queue_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoQueueRecursive { get; init; }

    /// <summary>Nanoseconds in service.</summary>
    [JsonPropertyName("io_service_time_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoServiceTimeRecursive { get; init; }

    /// <summary>Nanoseconds waiting.</summary>
    [JsonPropertyName("io_wait_time_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoWaitTimeRecursive { get; init; }

    /// <summary>Merged operations.</summary>
    [JsonPropertyName("io_merged_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoMergedRecursive { get; init; }

    /// <summary>Milliseconds of device time.</summary>
    [JsonPropertyName("io_time_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? IoTimeRecursive { get; init; }

    /// <summary>Sectors.</summary>
    [JsonPropertyName("sectors_recursive")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<BlkioEntry>? SectorsRecursive { get; init; }
}
