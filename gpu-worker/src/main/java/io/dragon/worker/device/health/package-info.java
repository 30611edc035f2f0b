/**
 * How a GPU is: what NVML or {@code nvidia-smi} show of it twice a second, and the rule by which it is taken out of service and brought
 * back.
 *
 * <pre>
 *   libnvidia-ml -- Nvml --+
 *                          +-- GpuTelemetry --(GpuSample)-- HealthRule --(DeviceHealth)-- GpuHealth, read by the worker's control thread
 *   nvidia-smi -- Smi -----+
 * </pre>
 */
package io.dragon.worker.device.health;
