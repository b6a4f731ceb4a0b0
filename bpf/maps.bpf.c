// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The maps and variables that all programs share. */
#include "emit.bpf.h"

struct op_store_map ms_op_store SEC(".maps");
struct ops_map ms_ops SEC(".maps");
struct ring_map ms_ring SEC(".maps");
struct cgroups_map ms_cgroups SEC(".maps");
struct storm_map ms_storms SEC(".maps");
struct cgroup_buf_map ms_cgroup_bufs SEC(".maps");
struct op_buf_map ms_op_bufs SEC(".maps");

const volatile u32 ms_cfg_self_tgid = 0;
const volatile u32 ms_cfg_filter_tgid = 0;
const volatile u32 ms_cfg_filter_ns = 0;

const volatile u32 ms_cfg_storm_limit = 4096;
const volatile u32 ms_cfg_mount_max = 0;
const volatile u64 ms_cfg_start_ns = 0;
const volatile bool ms_cfg_task_storage = false;
const volatile u32 ms_cfg_alloc_ns_args = 2;
const struct op_state ms_no_op = {};

u64 ms_seq = 0;
u64 ms_lost[MS_LOSS_NR] = {};
u32 ms_consumer_waiting = 0;
u32 ms_hashed = 0;
struct txn ms_txn = {};
struct effect_buf ms_buf = {};
struct storm_slot ms_slots[MS_MAX_STORMED] = {};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
