//! The promises by theme. [`promises!`] makes a test of each for one implementation.

pub(crate) mod bounds;
pub(crate) mod cache;
pub(crate) mod cancel;
pub(crate) mod chunks;
pub(crate) mod crowd;
pub(crate) mod dead_letters;
pub(crate) mod expiry;
pub(crate) mod fencing;
pub(crate) mod lanes;
pub(crate) mod leases;
pub(crate) mod notices;
pub(crate) mod registry;
pub(crate) mod release;
pub(crate) mod requests;
pub(crate) mod rescue;
pub(crate) mod single_flight;
pub(crate) mod suspension;
pub(crate) mod walk;

/// Makes a test of each promise for the implementation whose stand stands where this is called.
macro_rules! promises {
    ($stand:ident) => {
        $crate::promises::promises_over_partitions! { $stand }

        mod in_one_partition {
            use super::$stand;

            $crate::promises::tests! { $stand:
                leases {
                    renewing_answers_for_each_lease_in_order
                }
                rescue {
                    a_rescued_job_comes_first
                    a_refused_submission_leaves_a_dead_workers_job_alone
                }
                release {
                    a_given_back_job_comes_first
                }
                bounds {
                    a_full_queue_refuses_and_nothing_is_changed
                    a_full_queue_bounds_nothing_else
                    a_claim_makes_room_in_a_full_queue
                    the_longest_finished_results_make_room_for_new_ones
                    the_tasks_of_unfinished_jobs_are_bounded_by_their_bytes
                    the_requests_for_an_unfinished_job_are_bounded
                    large_tasks_of_finished_jobs_are_bounded_too
                }
                notices {
                    every_change_of_a_job_is_told
                    a_reader_waits_for_a_notice
                    a_reader_without_news_is_answered_after_its_wait
                    without_a_position_reading_begins_with_what_comes
                    who_asks_is_told
                    reading_on_misses_and_repeats_nothing
                    a_reader_too_far_behind_is_told_of_the_gap
                }
                dead_letters {
                    the_oldest_dead_letters_are_forgotten_first
                }
                lanes {
                    jobs_of_a_queue_are_taken_in_their_order
                    the_longest_waiting_of_all_kinds_comes_first
                    a_lane_does_not_wait_for_another
                    a_new_life_waits_in_the_lane_it_is_asked_for_in
                }
                walk {
                    random_walks_agree_with_the_model
                }
            }
        }
    };
}

/// Makes a test of each promise that holds however many partitions there are. The others speak of one order of all
/// jobs, of one sequence of notices, or of exact bounds: those hold within each partition.
macro_rules! promises_over_partitions {
    ($stand:ident) => {
        $crate::promises::tests! { $stand:
            single_flight {
                a_new_job_waits_with_nothing_done
                a_task_asked_for_twice_is_computed_once
                a_running_job_is_joined
                different_tasks_are_different_jobs
                many_who_ask_at_once_share_one_computation
            }
            cache {
                a_finished_job_answers_at_once
                a_cached_answer_needs_no_room_and_no_worker
                a_failed_job_is_computed_again_when_it_is_asked_for_again
                a_cancelled_job_is_computed_again_when_it_is_asked_for_again
                a_new_life_has_all_its_attempts
                a_new_life_is_wanted_by_those_who_asked_for_it
            }
            leases {
                a_claimed_job_is_not_claimed_twice
                many_who_claim_at_once_share_the_jobs
                a_claim_takes_no_more_than_its_free_slots
                a_claim_takes_the_asked_kinds_only
                a_claim_of_a_named_job_leases_that_job_alone
                a_claim_of_a_named_job_takes_nothing_else_and_does_not_wait
                a_waiting_claim_is_woken_by_whatever_makes_a_job_wait
                a_claim_that_is_told_to_stop_leases_nothing_more
                a_claim_ends_when_there_is_nothing
                a_dropped_waiting_claim_takes_no_job
                a_lease_says_all_that_an_attempt_needs
                a_renewed_lease_outlives_its_term
                a_late_worker_that_nobody_replaced_goes_on
            }
            fencing {
                a_worker_that_was_replaced_can_write_nothing
                another_worker_can_write_nothing
                a_lease_of_an_unknown_job_is_no_lease
                a_finished_job_stays_as_it_is
                finishing_again_changes_nothing
                only_one_of_many_finishers_ends_a_job
            }
            rescue {
                a_dead_workers_job_runs_again
                a_lease_that_holds_is_not_taken_back
                rescuing_again_changes_nothing
                a_job_that_kills_its_workers_ends_as_failed
                a_submission_drives_a_dead_workers_job_again
                a_submission_creates_a_job_anew_whose_last_worker_died
                every_overdue_lease_is_taken_back
            }
            release {
                a_handed_back_job_waits_at_once_and_loses_no_attempt
                a_failed_attempt_is_repeated_until_the_attempts_are_used_up
                a_success_forgets_the_failures_before
                giving_back_again_changes_nothing
            }
            cancel {
                a_job_goes_on_for_those_who_still_want_it
                the_last_cancel_ends_a_waiting_job
                the_last_cancel_ends_a_running_job_and_its_lease
                a_cancelled_lease_is_told_so_until_another_attempt_begins
                cancelling_after_the_end_changes_nothing
                only_a_known_request_can_be_cancelled
            }
            suspension {
                jobs_of_a_suspended_kind_wait
                a_submission_can_refuse_to_wait
                a_running_job_of_a_suspended_kind_goes_on
                suspending_and_resuming_is_told
            }
            bounds {
                the_oldest_requests_of_a_client_are_forgotten_first
                a_forgotten_request_goes_on_wanting_its_job
            }
            requests {
                requests_are_listed_in_pages_in_either_direction
                a_list_is_read_on_after_its_end
                a_request_tells_where_its_job_stands
                a_repeated_request_gets_the_same_answer
                a_request_repeated_at_once_is_one_request
                a_request_id_stands_for_one_job
                a_cancelled_request_stays_cancelled_when_it_is_repeated
                a_request_outlives_its_job
                a_list_is_forgotten_some_time_after_its_last_request
            }
            dead_letters {
                failed_jobs_are_listed_newest_first
                a_retried_job_waits_with_all_its_attempts
                retrying_again_changes_nothing
                only_what_has_failed_is_retried
                a_job_asked_for_again_leaves_the_dead_letters
                an_expired_job_is_no_dead_letter
            }
            chunks {
                chunks_are_read_back_in_order_from_any_number
                reading_takes_no_more_than_fits_but_at_least_one
                the_chunk_that_holds_a_byte_is_found
                a_stored_chunk_never_changes
                a_chunk_is_not_left_out
                the_next_attempt_goes_on_where_the_last_one_stopped
                a_small_result_rides_in_the_finish
                a_result_may_be_stored_wholly_before_the_finish
                a_result_does_not_end_with_a_gap
                the_latest_progress_is_known_while_a_job_runs
                a_byte_is_found_in_its_chunk
                a_byte_of_a_small_result_is_found
            }
            expiry {
                a_finished_job_is_kept_for_its_time_and_no_longer
                an_unfinished_job_is_never_forgotten
                an_expired_job_is_computed_again
                what_has_expired_takes_no_room
            }
            registry {
                a_worker_is_known_for_some_time_after_it_was_announced
                a_worker_is_known_as_it_was_announced_last
                failures_of_a_kind_are_counted_until_one_succeeds
                queues_are_counted
                what_happened_is_counted
            }
            crowd {
                every_accepted_job_ends_once_whoever_dies
            }
        }
    };
}

macro_rules! tests {
    ($stand:ident: $($theme:ident { $($promise:ident)* })*) => {$(
        mod $theme {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let stand = <super::$stand as $crate::stand::Stand>::start().await;
                $crate::promises::$theme::$promise(&stand).await;
            }
        )*}
    )*};
}

pub(crate) use {promises, promises_over_partitions, tests};
